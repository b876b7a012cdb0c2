"""Are an engine's threads faster with a core each, at the device's pace?"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from sonoedge.device.cores import CannotPin
from sonoedge.device.cpu import cpu_wait_ms, longest_wait_ms, wait_share
from sonoedge.device.record import BUSY_SHARE, NotPlaced, Placement, Timing
from sonoedge.provision.timing import timing
from sonoedge.runtime import Runtime

Name = Literal["free", "pinned"]
NAMES: Final[tuple[Name, ...]] = ("free", "pinned")
ROUNDS: Final = 3
CALLS: Final = 15  # of a block
WARM_UP_CALLS: Final = 3  # of each block: made at the pace, and not counted
PLAINLY: Final = 0.95  # pinned threads must need so much of the others' time, or less
Samples = Mapping[Name, Sequence[float]]
Waits = Callable[[], Mapping[str, float]]


class Clock(NamedTuple):
    """What time is told by."""

    now_ns: Callable[[], int] = time.monotonic_ns
    sleep: Callable[[float], None] = time.sleep


def paced_ms(
    engine: Runtime, tensors: Sequence[npt.NDArray[np.uint8]], fps: float, clock: Clock
) -> list[float]:
    """Milliseconds of single calls, each begun when a frame would come, asleep in between."""
    samples = []
    begin_ns = clock.now_ns()
    for number in range(WARM_UP_CALLS + CALLS):
        due_ns = begin_ns + round((number + 1) * 1e9 / fps)
        clock.sleep(max(0, due_ns - clock.now_ns()) / 1e9)
        start_ns = clock.now_ns()
        engine.infer({engine.inputs[0].name: tensors[number % len(tensors)]})
        samples.append((clock.now_ns() - start_ns) / 1e6)
    return samples[WARM_UP_CALLS:]


def measure_placement(
    make: Callable[[Name], Runtime],
    tensors: Sequence[npt.NDArray[np.uint8]],
    *,
    threads: int,
    fps: float,
    clock: Clock = Clock(),  # noqa: B008 - a value
    waits_ms: Waits = lambda: cpu_wait_ms(os.getpid()),
) -> Placement | NotPlaced:
    """Both placements in turns, or why threads cannot be bound here.

    Where the machine is found busy, all of it is measured once more, and that holds.

    Args:
        make: loads the engine. One is open at a time: OpenVINO's engines share their threads.
        tensors: preprocessed frames, uint8 [1, 1, height, width], used in turn.
        threads: that such an engine has.

    Raises:
        SonoedgeError: an engine cannot be loaded, or fails.
    """
    try:
        found = _once(make, tensors, threads, fps, clock, waits_ms)
        busy = found.cpu_wait_share is not None and found.cpu_wait_share > BUSY_SHARE
        return _once(make, tensors, threads, fps, clock, waits_ms) if busy else found
    except CannotPin as error:
        return NotPlaced(why=str(error))


def _once(
    make: Callable[[Name], Runtime],
    tensors: Sequence[npt.NDArray[np.uint8]],
    threads: int,
    fps: float,
    clock: Clock,
    waits_ms: Waits,
) -> Placement:
    samples: dict[Name, list[float]] = {name: [] for name in NAMES}
    waited_ms = took_ms = 0.0
    for turn in range(ROUNDS):
        for name in NAMES if turn % 2 == 0 else reversed(NAMES):
            engine = make(name)
            try:
                before, start_ns = waits_ms(), clock.now_ns()
                samples[name] += paced_ms(engine, tensors, fps, clock)
                took_ms += (clock.now_ns() - start_ns) / 1e6
                waited_ms += longest_wait_ms(before, waits_ms())
            finally:
                engine.close()
    free, pinned = timing(samples["free"]), timing(samples["pinned"])
    return Placement(
        fps=fps,
        threads=threads,
        free=free,
        pinned=pinned,
        chosen=faster(free, pinned),
        cpu_wait_share=wait_share(waited_ms, took_ms) if took_ms else None,
    )


def faster(free: Timing, pinned: Timing) -> Name:
    """Pinned threads where they are plainly faster, and no slower in the slowest tenth."""
    is_faster = pinned.p50_ms <= PLAINLY * free.p50_ms and pinned.p90_ms <= free.p90_ms
    return "pinned" if is_faster else "free"
