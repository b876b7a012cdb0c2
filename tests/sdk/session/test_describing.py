"""Descriptions in a live session, with engines that do as a script says."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from scripted_engines import MAX_AGE_MS, MS, Script, scripted_session
from sonoedge import Analysed, Analysis, Frame, NotAnalysed, Region, State
from sonoedge.description import NotDescribed, NotDescribedReason
from sonoedge.session import LiveSession
from sonoedge_bench.reliability.drive import speckle, wait_until

PICTURE = speckle(0, height=16, width=16)
EVERY_MS = 1000
LIMIT_S = 30.0
TOLD = NotDescribed(reason=NotDescribedReason.REGION_TOO_SMALL)


def region(suspicion: float, track: int | None, *, flagged: bool, track_flagged: bool) -> Region:
    return Region(
        contour_px=np.array([[1, 1], [9, 1], [9, 9]], dtype=np.int32),
        box_px=(1, 1, 10, 10),
        area_px=32.0,
        area_mm2=None,
        box_mm=None,
        suspicion=suspicion,
        class_probs={},
        flagged=flagged,
        track_id=track,
        track_flagged=track_flagged,
    )


HELD = region(0.6, 4, flagged=False, track_flagged=True)
NEW = region(0.9, 5, flagged=True, track_flagged=False)


@pytest.fixture
def script() -> Script:
    made = Script()
    made.regions["first"] = (NEW, HELD)
    return made


@pytest.fixture
def told() -> list[Analysis]:
    return []


@pytest.fixture
def session(script: Script, told: list[Analysis]) -> Iterator[LiveSession]:
    with scripted_session(script, told.append, describe_every_ns=EVERY_MS * MS) as made:
        assert wait_until(lambda: made.status().state is State.READY)
        yield made


def one(session: LiveSession, script: Script) -> int:
    frame_id = session.submit(Frame(pixels=PICTURE, captured_ns=script.now_ns))
    assert session.drain(LIMIT_S)
    assert session.status().counters.balanced
    return frame_id


def asked(script: Script) -> int:
    return len(script.made[-1].described)


@pytest.mark.req("R85")
def test_the_flagged_track_is_described_after_its_result_has_left(
    session: LiveSession, script: Script, told: list[Analysis]
) -> None:
    frame_id = one(session, script)
    assert wait_until(lambda: asked(script) == 1)
    # The result is told, and no description has come: one does not wait for the other.
    assert isinstance(told[-1], Analysed)
    assert session.description() is None
    (question,) = script.made[-1].described
    assert question.region is HELD
    script.made[-1].describes(TOLD)
    assert wait_until(lambda: session.description() is not None)
    said = session.description()
    assert said is not None
    assert (said.frame_id, said.track_id, said.stream) == (frame_id, 4, "main")
    assert said.description is TOLD
    assert said.of(told[-1]) == (None, TOLD)  # the regions are NEW and HELD
    latest = session.latest()
    assert latest is not None
    assert said.of(latest) == (None, TOLD)


@pytest.mark.req("R85")
def test_a_description_that_never_comes_holds_up_no_frame(
    session: LiveSession, script: Script, told: list[Analysis]
) -> None:
    for number in range(1, 8):
        one(session, script)
        assert wait_until(lambda n=number: len(told) == n)
        script.now_ns += 2 * EVERY_MS * MS
    assert all(isinstance(each, Analysed) for each in told)
    assert asked(script) == 1
    assert session.status().state is State.READY
    assert session.status().deaths == 0


def test_no_more_than_one_is_asked_in_its_time(session: LiveSession, script: Script) -> None:
    one(session, script)
    assert wait_until(lambda: asked(script) == 1)
    script.made[-1].describes(TOLD)
    assert wait_until(lambda: session.description() is not None)
    script.now_ns += (EVERY_MS - 1) * MS
    one(session, script)
    assert asked(script) == 1
    script.now_ns += MS
    one(session, script)
    assert wait_until(lambda: asked(script) == 2)


@pytest.mark.req("R85")
def test_an_old_description_is_not_shown(session: LiveSession, script: Script) -> None:
    one(session, script)
    assert wait_until(lambda: asked(script) == 1)
    script.made[-1].describes(TOLD)
    assert wait_until(lambda: session.description() is not None)
    script.now_ns += 3 * EVERY_MS * MS + 1
    said = session.description()
    assert said is not None
    assert said.description == NotDescribed(reason=NotDescribedReason.STALE)


def test_a_question_that_cannot_be_asked_costs_the_session_nothing(
    session: LiveSession, script: Script, told: list[Analysis]
) -> None:
    script.mode_of_words = "raises"
    for number in range(1, 4):
        one(session, script)
        assert wait_until(lambda n=number: asked(script) == n)
        script.now_ns += EVERY_MS * MS
    assert all(isinstance(each, Analysed) for each in told)
    assert session.status().state is State.READY
    assert session.description() is None


def test_a_result_that_came_too_late_is_not_described(session: LiveSession, script: Script) -> None:
    session.submit(Frame(pixels=PICTURE, captured_ns=script.now_ns - (MAX_AGE_MS + 1) * MS))
    assert session.drain(LIMIT_S)
    assert isinstance(session.latest(), NotAnalysed)
    assert asked(script) == 0


@pytest.mark.parametrize(
    ("regions", "number"),
    [
        ((), 0),
        ((NEW,), 0),  # not yet confirmed
        ((region(0.9, None, flagged=True, track_flagged=False),), 1),  # nothing tracks
        ((region(0.9, None, flagged=False, track_flagged=False),), 0),
    ],
)
def test_only_what_is_flagged_is_described(
    session: LiveSession, script: Script, regions: tuple[Region, ...], number: int
) -> None:
    script.regions["first"] = regions
    one(session, script)
    assert wait_until(lambda: session.status().counters.analysed == 1)
    one(session, script)  # by now the first one's question would have been asked
    assert asked(script) == number


def test_an_engine_that_dies_with_a_question_open_is_asked_anew(
    session: LiveSession, script: Script
) -> None:
    one(session, script)
    assert wait_until(lambda: asked(script) == 1)
    script.made[-1].die()
    assert wait_until(lambda: len(script.made) == 2)
    assert wait_until(lambda: session.status().state in (State.READY, State.DEGRADED))
    script.now_ns += EVERY_MS * MS
    one(session, script)
    assert wait_until(lambda: asked(script) == 1)


def test_without_the_setting_nothing_is_described(script: Script) -> None:
    with scripted_session(script, None) as session:
        assert wait_until(lambda: session.status().state is State.READY)
        one(session, script)
        one(session, script)
        assert asked(script) == 0
        assert session.description() is None
