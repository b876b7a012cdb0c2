from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sonoedge import Counters, Frame
from sonoedge_bench.frame_set import FrameSet
from sonoedge_bench.modes.live import Inbox, drive_live
from sonoedge_bench.modes.schedule import Schedule
from sonoedge_bench.modes.tape import Tape

MS = 1_000_000


class Session:
    """A session that gives each frame the outcome that it is told to."""

    def __init__(self, inbox: Inbox, clock: Any, results: Any, outcomes: list[str]) -> None:
        self._inbox, self._clock, self._results = inbox, clock, results
        self._outcomes, self._next = outcomes, 0
        self.analysed = self.superseded = self.in_flight = 0
        self.reasons: dict[str, int] = {}
        self.drained = False
        self.deaths = 3

    def submit(self, frame: Frame) -> int:
        number, self._next = self._next, self._next + 1
        outcome = self._outcomes[number % len(self._outcomes)]
        if outcome == "stop":
            self.in_flight += 1
            raise KeyboardInterrupt
        if outcome == "superseded":
            self.superseded += 1
        elif outcome == "in flight":
            self.in_flight += 1
        else:
            self._clock.forward_ms(3)
            if outcome == "analysed":
                self.analysed += 1
                self._inbox.receive(self._results[0](frame, engine_ms=2.0, frame_id=number))
            else:
                self.reasons[outcome] = self.reasons.get(outcome, 0) + 1
                self._inbox.receive(self._results[1](frame, frame_id=number))
        return number

    def drain(self, timeout_s: float) -> bool:
        self.drained = True
        return True

    def status(self) -> Any:
        class Status:
            deaths = self.deaths
            counters = Counters(
                submitted=self._next,
                analysed=self.analysed,
                not_analysed=dict(self.reasons),
                superseded=self.superseded,
                in_flight=self.in_flight,
            )

        return Status()


def drive(
    session: Session,
    inbox: Inbox,
    frame_set: FrameSet,
    recorded: Tape,
    clock: Any,
    count: int,
    first: int = 0,
) -> None:
    arrivals = Schedule(first_ns=clock() + 10 * MS, period_ns=10 * MS, count=count)
    drive_live(
        session,  # type: ignore[arg-type]
        inbox, frame_set, arrivals, recorded, first=first, clock_ns=clock, sleep_s=clock.sleep,
    )  # fmt: skip


def test_every_frame_has_one_outcome_and_the_sums_add_up(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    inbox, recorded = Inbox(clock), tape(fps=100.0)
    session = Session(inbox, clock, results, ["analysed", "superseded", "BLACK", "analysed"])
    drive(session, inbox, frame_set, recorded, clock, 8)
    assert recorded.rows.column("number").tolist() == [0, 3, 4, 7]
    assert recorded.rows.column("age_ms").tolist() == [3.0] * 4
    assert recorded.rows.column("driver_delay_ms").tolist() == [0.0] * 4
    assert recorded.rows.column("overhead_ms").tolist() == [1.0] * 4
    assert recorded.outcomes.without_result == [
        (1, "superseded"),
        (2, "BLACK"),
        (5, "superseded"),
        (6, "BLACK"),
    ]
    assert recorded.outcomes.submitted == 8
    assert recorded.outcomes.balanced
    assert session.drained
    assert recorded.engine_restarts == 0


def test_a_session_that_counts_otherwise_is_told_of(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    inbox, recorded = Inbox(clock), tape(fps=100.0)
    session = Session(inbox, clock, results, ["analysed", "superseded"])
    session.superseded = 0

    def silent(frame: Frame) -> int:
        number = Session.submit(session, frame)
        session.superseded = 0  # the frame is lost, and the session does not say so
        return number

    session.submit = silent  # type: ignore[method-assign]
    drive(session, inbox, frame_set, recorded, clock, 4)
    assert not recorded.outcomes.balanced


def test_what_was_submitted_before_belongs_to_nobody(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    inbox, warm, recorded = Inbox(clock), tape(fps=100.0), tape(fps=100.0)
    session = Session(inbox, clock, results, ["analysed"])
    drive(session, inbox, frame_set, warm, clock, 3)
    drive(session, inbox, frame_set, recorded, clock, 2, first=50)
    assert warm.rows.column("number").tolist() == [0, 1, 2]
    assert recorded.rows.column("number").tolist() == [50, 51]
    assert (recorded.outcomes.submitted, recorded.outcomes.balanced) == (2, True)


def test_an_interrupted_run_accounts_for_the_frame_in_flight(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    inbox, recorded = Inbox(clock), tape(fps=100.0)
    session = Session(inbox, clock, results, ["analysed", "superseded", "stop"])
    with pytest.raises(KeyboardInterrupt):
        drive(session, inbox, frame_set, recorded, clock, 9)
    assert recorded.outcomes.submitted == 3
    assert recorded.outcomes.analysed == 1
    assert recorded.outcomes.without_result == [(1, "superseded"), (2, "in flight")]
    assert recorded.outcomes.balanced


def test_engines_that_were_replaced_meanwhile_are_counted(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    inbox, recorded = Inbox(clock), tape(fps=100.0)
    session = Session(inbox, clock, results, ["analysed"])

    def dying(frame: Frame) -> int:
        session.deaths += 1
        return Session.submit(session, frame)

    session.submit = dying  # type: ignore[method-assign]
    drive(session, inbox, frame_set, recorded, clock, 2)
    assert recorded.engine_restarts == 2
