"""Who observes a session hears of every frame once, and may keep its pixels."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import sonoedge
from sample_recordings.moments import analysed
from sample_recordings.session import ENGINE, LONG_MS, TINY, frames
from sonoedge import Analysed, Frame, NotAnalysed
from sonoedge.analysis import Origin
from sonoedge.session.departures import Departures, Settlement
from sonoedge.session.mailbox import Buffers, Submission


class Listener:
    def __init__(self, keep: bool = False) -> None:
        self.keep = keep
        self.heard: list[Settlement] = []
        self.engines: list[Origin] = []

    def settled(self, settlement: Settlement) -> bool:
        self.heard.append(settlement)
        return self.keep

    def engine_ready(self, origin: Origin) -> None:
        self.engines.append(origin)

    def engine_returns(self) -> None:
        self.engines.append(self.engines[-2])


def submission(refused: Any = None) -> Submission:
    frame = Frame(pixels=np.zeros((4, 4), dtype=np.uint8))
    return Submission(frame_id=0, stream="main", frame=frame, born_ns=0, refused=refused)


def departures(given: list[Any], listener: Listener | None) -> Departures:
    buffers = Buffers()
    buffers.give_back = given.append  # type: ignore[method-assign]
    result = Departures(buffers, time.monotonic_ns)
    result.observer = listener
    return result


@pytest.mark.parametrize(("keep", "back"), [(False, 1), (True, 0)])
def test_pixels_that_are_kept_do_not_go_back(keep: bool, back: int) -> None:
    given: list[Any] = []
    departures(given, Listener(keep)).leave(submission())
    assert len(given) == back


@pytest.mark.parametrize("observed", [False, True])
def test_pixels_that_are_the_callers_or_still_read_never_go_back(observed: bool) -> None:
    given: list[Any] = []
    leaving = departures(given, Listener() if observed else None)
    leaving.leave(submission(refused=sonoedge.Reason.WRONG_DTYPE))
    leaving.leave(submission(), reuse=False)
    leaving.leave(submission())
    assert len(given) == 1


@pytest.mark.parametrize("observed", [False, True])
def test_what_is_no_frame_at_all_leaves_as_any_other(observed: bool) -> None:
    given: list[Any] = []
    no_frame: Any = "no frame"
    refused = sonoedge.Reason.INTERNAL_ERROR
    leaving = departures(given, Listener() if observed else None)
    leaving.leave(Submission(frame_id=0, stream="main", frame=no_frame, born_ns=0, refused=refused))
    assert given == []


@pytest.mark.parametrize("keep", [False, True])
def test_pixels_that_a_candidate_is_shown_are_free_when_all_have_given_them_back(
    keep: bool,
) -> None:
    given: list[Any] = []
    buffers = Buffers()
    leaving = Departures(buffers, time.monotonic_ns)
    leaving.observer = listener = Listener(keep)
    shown = submission()
    leaving.leave(shown, analysed(), analysed(), reuse=False)
    assert listener.heard[0].reusable
    for reader in ["candidate", "observer"] if keep else ["candidate"]:
        given.append(reader)
        assert buffers.copy(shown.frame.pixels) is not shown.frame.pixels
        buffers.give_back(shown.frame.pixels)
    assert buffers.copy(shown.frame.pixels) is shown.frame.pixels


def test_every_frame_of_a_session_is_heard_of_once() -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    session = sonoedge.live(TINY, max_age_ms=LONG_MS, isolation="thread", engine=ENGINE, wait=False)
    with session:
        listener = session._exchange.departures.observer = Listener()
        assert session._exchange.standing.opened.wait(60)
        for number, frame in enumerate(frames(30)):
            session.submit(frame)
            if number % 10 < 7:
                assert session.drain(60)
        session.submit(Frame(pixels=np.zeros((4, 4), dtype=np.float32)))  # type: ignore[arg-type]
        assert session.drain(60)
        counters = session.status().counters
    assert sorted(heard.submission.frame_id for heard in listener.heard) == list(range(31))
    assert len(listener.engines) == 1
    by_result = [type(heard.result) for heard in listener.heard]
    assert by_result.count(type(None)) == counters.superseded
    assert by_result.count(Analysed) == counters.analysed
    assert by_result.count(NotAnalysed) == sum(counters.not_analysed.values())
    last = listener.heard[-1]
    assert last.answer is None
    assert not last.reusable
    for heard in listener.heard[:-1]:
        assert (heard.answer is not None) == (heard.result is not None)
