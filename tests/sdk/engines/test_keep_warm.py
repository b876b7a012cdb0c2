from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from sonoedge.engines.keep_warm import Pace, WarmRuntime
from sonoedge.errors import EngineFailed
from sonoedge.runtime import Tensors, TensorSpec

MS = 1_000_000
GIVEN = {"frame": np.arange(4, dtype=np.uint8)}


def steady(pace: Pace, interval_ms: int, call_ms: int, frames: int = 9, begin: int = 0) -> int:
    """Frames at a steady pace; returns when the last one began."""
    for i in range(frames):
        at = begin + i * interval_ms * MS
        pace.called(at, at + call_ms * MS)
    return at


def test_a_tick_is_over_before_a_frame_at_a_steady_pace_comes() -> None:
    pace = Pace()
    last = steady(pace, 33, 5)
    assert pace.tick_ns() == last + (33 - 5 - 2) * MS


def test_no_tick_before_the_pace_is_known() -> None:
    pace = Pace()
    steady(pace, 33, 5, frames=8)
    assert pace.tick_ns() is None


def test_no_tick_where_it_would_not_be_over_in_time() -> None:
    pace = Pace()
    steady(pace, 33, 15)
    assert pace.tick_ns() is None


def test_the_shortest_interval_and_the_longest_call_count() -> None:
    pace = Pace()
    last = steady(pace, 40, 5)
    pace.ticked(9 * MS)
    pace.called(last + 30 * MS, last + 35 * MS)
    assert pace.tick_ns() == last + (30 + 30 - 9 - 2) * MS


def test_a_short_interval_is_forgotten_after_eight_frames() -> None:
    pace = Pace()
    last = steady(pace, 20, 5)
    again = steady(pace, 40, 5, frames=9, begin=last + 40 * MS)
    assert pace.tick_ns() == again + (40 - 5 - 2) * MS


def test_frames_a_second_apart_are_no_pace() -> None:
    pace = Pace()
    steady(pace, 1200, 5)
    assert pace.tick_ns() is None


class Engine:
    """Counts its calls; a call may be held up from outside."""

    inputs = (TensorSpec(name="frame", dtype="uint8", shape=(4,)),)
    outputs = (TensorSpec(name="lesion_map", dtype="uint8", shape=(4,)),)

    def __init__(self) -> None:
        self.given: list[list[int]] = []
        self.inside = threading.Semaphore(0)
        self.free = threading.Event()
        self.free.set()
        self.fails = False
        self.closed = 0

    def infer(self, tensors: Tensors) -> Tensors:
        self.given.append(tensors["frame"].tolist())
        self.inside.release()
        self.free.wait(10)
        if self.fails:
            raise EngineFailed("planted")
        return {"lesion_map": tensors["frame"]}

    def close(self) -> None:
        self.closed += 1


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.001)


def paced(warm: WarmRuntime, clock: list[int], frames: int = 9) -> None:
    """Frames 100 ms apart, by a clock that is set by hand."""
    for i in range(frames):
        clock[0] = i * 100 * MS
        warm.infer({"frame": np.full(4, i, dtype=np.uint8)})


@pytest.fixture
def clock() -> list[int]:
    return [0]


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def warm(engine: Engine, clock: list[int]) -> WarmRuntime:
    return WarmRuntime(engine, clock_ns=lambda: clock[0])


def test_one_tick_comes_before_the_next_frame_with_the_last_frames_tensors(
    engine: Engine, warm: WarmRuntime, clock: list[int]
) -> None:
    with warm:
        paced(warm, clock)
        assert warm.ticks == 0
        clock[0] = 898 * MS
        until(lambda: warm.ticks == 1)
        time.sleep(0.15)
    assert engine.given[9:] == [[8] * 4]
    assert warm.delays == 0
    assert engine.closed == 1


def test_a_tick_that_is_late_is_left_out(
    engine: Engine, warm: WarmRuntime, clock: list[int]
) -> None:
    with warm:
        paced(warm, clock)
        clock[0] = 910 * MS
        time.sleep(0.2)
    assert warm.ticks == 0


def test_a_frame_that_meets_a_tick_waits_for_its_end_and_is_counted(
    engine: Engine, warm: WarmRuntime, clock: list[int]
) -> None:
    with warm:
        paced(warm, clock)
        for _ in range(9):
            engine.inside.acquire()
        engine.free.clear()
        clock[0] = 898 * MS
        assert engine.inside.acquire(timeout=10)  # the tick is at work
        frame = threading.Thread(target=warm.infer, args=(GIVEN,))
        frame.start()
        until(lambda: warm.delays == 1)
        assert len(engine.given) == 10
        engine.free.set()
        frame.join(10)
    assert engine.given[10] == [0, 1, 2, 3]


def test_a_tick_that_fails_leaves_it_to_the_next_frame_to_tell(
    engine: Engine, warm: WarmRuntime, clock: list[int]
) -> None:
    with warm:
        paced(warm, clock)
        engine.fails = True
        clock[0] = 898 * MS
        until(lambda: len(engine.given) == 10)
        with pytest.raises(EngineFailed, match="planted"):
            warm.infer(GIVEN)


def test_the_caller_may_write_to_his_tensors_after_the_call(
    engine: Engine, warm: WarmRuntime, clock: list[int]
) -> None:
    with warm:
        paced(warm, clock, frames=8)
        clock[0] = 800 * MS
        mine = {"frame": np.full(4, 7, dtype=np.uint8)}
        warm.infer(mine)
        mine["frame"][:] = 0
        clock[0] = 898 * MS
        until(lambda: warm.ticks == 1)
    assert engine.given[-1] == [7] * 4


def test_closing_twice_is_harmless(engine: Engine, warm: WarmRuntime) -> None:
    warm.close()
    warm.close()
    assert not warm._thread.is_alive()
