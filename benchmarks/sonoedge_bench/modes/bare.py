"""Back to back, engine calls alone: what there is to time of a graph in no bundle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sonoedge.runtime import Tensors
from sonoedge.terminal.progress import Progress
from sonoedge_bench.machine.energy import Energy
from sonoedge_bench.machine.process import cpu_ns
from sonoedge_bench.modes.closed import BURST, WARM_UP
from sonoedge_bench.modes.tape import Tape

COLUMNS: Final = ("bare_ms", "cpu_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class BareEngine:
    """An engine that takes turns."""

    tape: Tape
    infer: Callable[[Tensors], object]


def take_turns(
    engines: Sequence[BareEngine],
    inputs: Sequence[Tensors],
    *,
    frames: int,
    clock_ns: Callable[[], int],
    warm_up: int = WARM_UP,
    burst: int = BURST,
    energy: Energy | None = None,
    progress: Progress | None = None,
) -> None:
    """Time every engine on the same inputs, in bursts.

    As in `closed`: where there are several, the first call of each burst finds the caches
    full of another engine's work, and is kept apart.
    """
    several = len(engines) > 1
    for engine in engines:
        for number in range(warm_up):
            _call(engine, inputs, number, clock_ns, counts=False)
    number, measured = warm_up, 0
    while measured < frames:
        count = min(burst, frames - measured)
        for engine in engines:
            if several:
                _call(engine, inputs, number, clock_ns, counts=False)
            before = None if energy is None else energy.joules()
            for at in range(number + several, number + several + count):
                _call(engine, inputs, at, clock_ns, counts=True)
            if energy is not None and before is not None:
                spent = engine.tape.spent
                spent.joules = (spent.joules or 0.0) + energy.joules() - before
                spent.joules_frames += count
        number, measured = number + several + count, measured + count
        if progress is not None:
            progress.show(measured)
    if progress is not None:
        progress.clear()


def _call(
    engine: BareEngine,
    inputs: Sequence[Tensors],
    number: int,
    clock_ns: Callable[[], int],
    *,
    counts: bool,
) -> None:
    tape = engine.tape
    cpu_before, start_ns = cpu_ns() or 0, clock_ns()
    engine.infer(inputs[number % len(inputs)])
    bare_ms = (clock_ns() - start_ns) / 1e6
    cpu_ms = ((cpu_ns() or 0) - cpu_before) / 1e6
    rows = tape.rows if counts else tape.warm_up
    rows.add({"number": number, "bare_ms": bare_ms, "cpu_ms": cpu_ms})
    if counts:
        tape.outcomes.submitted += 1
        tape.outcomes.analysed += 1
        tape.spent.wall_s += bare_ms / 1e3
        tape.spent.host_cpu_s += cpu_ms / 1e3
