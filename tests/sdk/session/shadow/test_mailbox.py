from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from scripted_engines import origin_of
from sonoedge import Analysed, Frame
from sonoedge.session.mailbox import Submission
from sonoedge.session.shadow.mailbox import ShadowMailbox
from sonoedge.session.shadow.tally import ShadowTally
from sonoedge_bench.reliability.drive import speckle

ACTIVE = Analysed(
    frame_id=0,
    captured_ns=0,
    age_ms=1.0,
    stages_ms={},
    origin=origin_of("first"),
    regions=(),
    class_probs={},
)


class Place:
    """A mailbox, and what became of the pixels."""

    def __init__(self) -> None:
        self.calm = True
        self.given_back: list[Any] = []
        self.tally = ShadowTally("second")
        self.mailbox = ShadowMailbox(
            2, self.tally, is_calm=lambda: self.calm, give_back=self.given_back.append
        )
        self.mailbox.open = True

    def offer(self, number: int) -> Any:
        pixels = speckle(number, height=8, width=8)
        frame = Frame(pixels=pixels, captured_ns=0)
        self.mailbox.offer(
            Submission(frame_id=number, stream="main", frame=frame, born_ns=0), ACTIVE
        )
        return pixels

    def left_out(self) -> dict[str, int]:
        status = self.tally.status()
        assert status.balanced
        return dict(status.not_compared)


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place()
    yield made
    made.mailbox.wakeup.close()


def test_one_of_so_many_is_due_until_the_candidate_is_given_up(place: Place) -> None:
    assert [place.mailbox.is_due(ACTIVE) for _ in range(5)] == [False, True, False, True, False]
    place.mailbox.given_up = True
    assert not any(place.mailbox.is_due(ACTIVE) for _ in range(5))


def test_the_newest_frame_waits_and_the_one_before_gives_its_pixels_back(place: Place) -> None:
    first = place.offer(1)
    place.offer(2)
    assert place.given_back[0] is first
    assert place.left_out() == {"SUPERSEDED": 1}
    pair = place.mailbox.take()
    assert pair is not None
    assert pair.submission.frame_id == 2
    assert place.mailbox.take() is None


def test_a_session_that_is_busy_by_now_keeps_the_frame_from_the_candidate(place: Place) -> None:
    place.offer(1)
    place.calm = False
    assert place.mailbox.take() is None
    place.offer(2)
    assert place.left_out() == {"SESSION_BUSY": 2}
    assert len(place.given_back) == 2


def test_shut_it_takes_nothing_and_holds_no_pixels(place: Place) -> None:
    place.offer(1)
    place.mailbox.shut()
    place.offer(2)
    assert place.left_out() == {"NOT_RUNNING": 2}
    assert len(place.given_back) == 2
