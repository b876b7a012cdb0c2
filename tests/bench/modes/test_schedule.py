from __future__ import annotations

from typing import Any

from sonoedge_bench.modes.schedule import Schedule, schedule


def test_arrivals_are_equally_far_apart_and_begin_later_than_now() -> None:
    arrivals = schedule(1_000, 50.0, 3, lead_ns=500)
    assert [arrivals.due_ns(n) for n in range(3)] == [1_500, 20_001_500, 40_001_500]


def test_waiting_sleeps_again_where_a_sleep_ends_early_and_says_how_late_it_is(clock: Any) -> None:
    arrivals, sleeps = Schedule(first_ns=10_000_000, period_ns=1_000, count=1), []

    def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        clock.sleep(seconds / 2 if len(sleeps) == 1 else seconds + 0.002)

    assert arrivals.wait(0, clock, sleep) == 2_000_000
    assert sleeps == [0.01, 0.005]


def test_a_frame_is_overtaken_when_the_next_one_is_due_and_the_last_one_never() -> None:
    arrivals = Schedule(first_ns=0, period_ns=10, count=2)
    assert not arrivals.superseded(0, 9)
    assert arrivals.superseded(0, 10)
    assert not arrivals.superseded(1, 1_000)
