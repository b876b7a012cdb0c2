from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sonoedge import Frame, Reason
from sonoedge_bench.frame_set import FrameSet
from sonoedge_bench.modes.inline import BARE_EVERY, drive_inline
from sonoedge_bench.modes.schedule import Schedule
from sonoedge_bench.modes.tape import Tape

MS = 1_000_000


def arrivals(count: int) -> Schedule:
    return Schedule(first_ns=10 * MS, period_ns=10 * MS, count=count)


def test_the_age_counts_from_when_a_frame_is_due_and_the_overhead_is_what_is_not_the_engine(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    def analyse(frame: Frame) -> Any:
        clock.forward_ms(4)
        return results[0](frame, engine_ms=3.0)

    def oversleep(seconds: float) -> None:
        clock.sleep(seconds)
        clock.forward_ms(0.5)

    recorded = tape(fps=100.0)
    drive_inline(analyse, None, frame_set, arrivals(3), recorded, clock_ns=clock, sleep_s=oversleep)
    assert recorded.rows.column("age_ms").tolist() == [4.5] * 3
    assert recorded.rows.column("driver_delay_ms").tolist() == [0.5] * 3
    assert recorded.rows.column("overhead_ms").tolist() == [1.5] * 3
    assert (
        recorded.outcomes.submitted,
        recorded.outcomes.analysed,
        recorded.outcomes.without_result,
    ) == (3, 3, [])


def test_the_newest_frame_wins_and_those_that_it_overtakes_are_superseded(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    def slow(frame: Frame) -> Any:
        clock.forward_ms(25)
        return results[0](frame)

    recorded = tape(fps=100.0)
    drive_inline(
        slow, None, frame_set, arrivals(6), recorded, first=100, clock_ns=clock, sleep_s=clock.sleep
    )
    # Due at 10, 20, ... 60: at 35 frame 102 (30) is the newest, at 60 frame 105 (60) is.
    assert recorded.rows.column("number").tolist() == [100, 102, 105]
    assert recorded.rows.column("age_ms").tolist() == [25, 30, 25]
    assert recorded.outcomes.without_result == [(n, "superseded") for n in (101, 103, 104)]
    assert recorded.outcomes.submitted == 6


def test_refused_frames_have_their_reason(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    recorded = tape(fps=100.0)
    drive_inline(
        lambda frame: results[1](frame, Reason.NO_CONTACT),
        None, frame_set, arrivals(2), recorded, clock_ns=clock, sleep_s=clock.sleep,
    )  # fmt: skip
    assert len(recorded.rows) == 0
    assert recorded.outcomes.without_result == [(0, "NO_CONTACT"), (1, "NO_CONTACT")]


def test_every_eighth_moment_is_a_bare_call_that_finds_the_machine_as_idle_as_a_frame_does(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    starts_ms: list[float] = []

    def analyse(frame: Frame) -> Any:
        starts_ms.append(clock() / MS)
        clock.forward_ms(2)
        return results[0](frame)

    def bare(number: int) -> None:
        starts_ms.append(clock() / MS)
        clock.forward_ms(1)

    recorded = tape(fps=100.0)
    count = 2 * BARE_EVERY
    drive_inline(
        analyse, bare, frame_set, arrivals(count), recorded, clock_ns=clock, sleep_s=clock.sleep
    )
    assert starts_ms == [10.0 * n for n in range(1, count + 1)]
    bares = recorded.rows.column("bare_ms")
    assert bares[~np.isnan(bares)].tolist() == [1.0, 1.0]
    assert recorded.outcomes.submitted == recorded.outcomes.analysed == count - 2
