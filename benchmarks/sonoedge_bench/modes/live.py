"""Paced frames into a live session: what a device's own program does."""

from __future__ import annotations

import time
from collections.abc import Callable

from sonoedge import Analysed, Analysis, Counters, LiveSession
from sonoedge_bench.frame_set import FrameSet
from sonoedge_bench.modes.schedule import Schedule
from sonoedge_bench.modes.tape import Tape, stages

DRAIN_S = 5.0
RING = 64  # frames that can be in flight at once, and many more


class Inbox:
    """A session's callback: records each outcome and when it came."""

    def __init__(self, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock_ns = clock_ns
        self._tape: Tape | None = None
        self._delays_ms = [0.0] * RING
        self._first = self._offset = 0
        self.got = 0

    def open(self, tape: Tape | None, first_id: int = 0, first: int = 0) -> None:
        """From now on outcomes go to this tape, or nowhere.

        Args:
            first_id: the session's id of the next frame.
            first: that frame's number on the tape.
        """
        self._tape, self._first, self._offset = tape, first_id, first - first_id
        self.got = 0

    def note_delay(self, frame_id: int, delay_ms: float) -> None:
        """Note how late a frame is submitted; call it before, as its result may come at once."""
        self._delays_ms[frame_id % RING] = delay_ms

    def receive(self, analysis: Analysis) -> None:
        """The session's callback."""
        now_ns = self._clock_ns()
        tape, number = self._tape, analysis.frame_id + self._offset
        if tape is None or analysis.frame_id < self._first:
            return
        if isinstance(analysis, Analysed):
            age_ms = (now_ns - analysis.captured_ns) / 1e6
            row = {"number": number, "age_ms": age_ms} | stages(analysis)
            row["overhead_ms"] = age_ms - row["engine_ms"]
            row["driver_delay_ms"] = self._delays_ms[analysis.frame_id % RING]
            tape.rows.add(row)
            tape.outcomes.analysed += 1
        else:
            tape.outcomes.without_result.append((number, analysis.reasons[0].value))
        self.got += 1


def drive_live(
    session: LiveSession,
    inbox: Inbox,
    frame_set: FrameSet,
    arrivals: Schedule,
    tape: Tape,
    *,
    first: int = 0,
    clock_ns: Callable[[], int],
    sleep_s: Callable[[float], None],
    show: Callable[[int], None] = lambda number: None,
) -> None:
    """Submit frames as they arrive, then wait for the last outcome.

    However it ends, each submitted frame's outcome is on the tape: those for which no
    callback came were superseded, and the session's own counters must say so too.
    """
    first_status = session.status()
    before = first_status.counters
    inbox.open(tape, before.submitted, first)
    submitted_before, first_other = tape.outcomes.submitted, len(tape.outcomes.without_result)
    first_row = len(tape.rows)
    try:
        for at in range(arrivals.count):
            late_ns = arrivals.wait(at, clock_ns, sleep_s)
            inbox.note_delay(before.submitted + at, late_ns / 1e6)
            session.submit(frame_set.at(first + at, arrivals.due_ns(at)))
            show(first + at)
    finally:
        session.drain(DRAIN_S)
        last_status = session.status()
        after = last_status.counters
        _wait_for(inbox, before, after)
        inbox.open(None)
        tape.outcomes.submitted = submitted_before + after.submitted - before.submitted
        _account(tape, before, after, first, first_row, first_other)
        restarts = last_status.deaths - first_status.deaths
        tape.engine_restarts = (tape.engine_restarts or 0) + restarts


def _wait_for(inbox: Inbox, before: Counters, after: Counters) -> None:
    """The session counts a result before it calls back: wait for the last callback."""
    due = after.analysed - before.analysed
    due += sum(after.not_analysed.values()) - sum(before.not_analysed.values())
    end = time.monotonic() + DRAIN_S
    while inbox.got < due and time.monotonic() < end:
        time.sleep(0.001)


def _account(
    tape: Tape, before: Counters, after: Counters, first: int, first_row: int, first_other: int
) -> None:
    """Frames without a callback were superseded, but for those that are still in flight."""
    reported = {int(n) for n in tape.rows.column("number")[first_row:]}
    reported |= {number for number, _ in tape.outcomes.without_result[first_other:]}
    count = after.submitted - before.submitted
    unreported = [n for n in range(first, first + count) if n not in reported]
    superseded = len(unreported) - after.in_flight
    for at, number in enumerate(unreported):
        outcome = "superseded" if at < superseded else "in flight"
        tape.outcomes.without_result.append((number, outcome))
    tape.outcomes.without_result.sort()
    tape.outcomes.balanced &= (
        after.balanced
        and superseded == after.superseded - before.superseded
        and len(reported) == after.analysed - before.analysed + _sum(after) - _sum(before)
    )


def _sum(counters: Counters) -> int:
    return sum(counters.not_analysed.values())
