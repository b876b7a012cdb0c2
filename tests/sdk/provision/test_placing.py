"""The measurement of placements, by a clock that is told what a call takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from sonoedge.device.cores import CannotPin
from sonoedge.device.record import NotPlaced, Placement, Timing
from sonoedge.provision.placing import (
    CALLS,
    ROUNDS,
    WARM_UP_CALLS,
    Clock,
    Name,
    faster,
    measure_placement,
)
from sonoedge.runtime import Runtime, Tensors, TensorSpec

TENSORS = [np.full((1, 1, 8, 8), level, np.uint8) for level in (1, 2)]


class Box:
    """A machine with one clock, whose engines take so many milliseconds."""

    def __init__(self, ms: Mapping[Name, float], waits: Callable[[int], float]) -> None:
        self.ms, self.now, self.slept = ms, 0, 0.0
        self.loaded: list[Name] = []
        self.open = 0
        self.waits = waits

    def make(self, name: Name) -> Runtime:
        assert self.open == 0, "one engine at a time"
        self.open += 1
        self.loaded.append(name)
        return Engine(self, self.ms[name])

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += round(seconds * 1e9)

    def measure(self) -> object:
        return measure_placement(
            self.make,
            TENSORS,
            threads=2,
            fps=25.0,
            clock=Clock(lambda: self.now, self.sleep),
            waits_ms=lambda: {"1": self.waits(self.now)},
        )


class Engine:
    inputs = (TensorSpec(name="frame", dtype="uint8", shape=(1, 1, 8, 8)),)
    outputs = ()

    def __init__(self, box: Box, ms: float) -> None:
        self.box, self.ns = box, round(ms * 1e6)

    def infer(self, tensors: Tensors) -> Tensors:
        self.box.now += self.ns
        return {}

    def close(self) -> None:
        self.box.open -= 1


def quiet(now: int) -> float:
    return 0.0


def test_pinned_is_chosen_by_the_times_at_the_pace() -> None:
    box = Box({"free": 5.0, "pinned": 3.0}, quiet)
    found = box.measure()
    expected = Timing(calls=ROUNDS * CALLS, p50_ms=5.0, p90_ms=5.0, p99_ms=5.0)
    assert found.free == expected  # type: ignore[attr-defined]
    assert found.pinned.p50_ms == 3.0  # type: ignore[attr-defined]
    assert (found.chosen, found.fps, found.threads) == ("pinned", 25.0, 2)  # type: ignore[attr-defined]
    assert found.cpu_wait_share == 0.0  # type: ignore[attr-defined]
    assert str(found) == "3.0 ms pinned, 5.0 ms free at 25 frames a second here"
    assert box.loaded == ["free", "pinned", "pinned", "free", "free", "pinned"]
    assert box.open == 0
    calls = ROUNDS * 2 * (CALLS + WARM_UP_CALLS)
    assert box.now == pytest.approx(calls * 40e6, rel=0.03)  # paced: asleep for the rest


@pytest.mark.parametrize("pinned", [5.2, 4.9])
def test_what_is_not_plainly_faster_stays_free(pinned: float) -> None:
    box = Box({"free": 5.0, "pinned": pinned}, quiet)
    assert box.measure().chosen == "free"  # type: ignore[attr-defined]


def test_a_slower_slowest_tenth_is_not_faster() -> None:
    free, pinned = (
        Timing(calls=45, p50_ms=p50, p90_ms=p90, p99_ms=20.0) for p50, p90 in ((5, 6), (3, 9))
    )
    assert faster(free, pinned) == "free"


def test_a_busy_machine_is_measured_once_more() -> None:
    box = Box({"free": 5.0, "pinned": 3.0}, lambda now: now / 1e7)  # waits a tenth of the time
    found = box.measure()
    assert len(box.loaded) == 2 * 2 * ROUNDS
    assert found.cpu_wait_share == pytest.approx(0.1)  # type: ignore[attr-defined]


def test_where_threads_cannot_be_bound_the_reason_is_kept() -> None:
    box = Box({"free": 5.0, "pinned": 3.0}, quiet)
    usual = box.make

    def make(name: Name) -> Runtime:
        if name == "pinned":
            raise CannotPin("no")
        return usual(name)

    box.make = make  # type: ignore[method-assign]
    assert box.measure() == NotPlaced(why="no")
    assert box.open == 0


def test_a_share_of_waiting_is_never_above_all_of_the_time() -> None:
    # A wait that began before the measurement is booked within it.
    found = Box({"free": 4.0, "pinned": 4.0}, waits=lambda now: now / 1e6 * 1.02).measure()
    assert isinstance(found, Placement)
    assert found.cpu_wait_share == 1.0
