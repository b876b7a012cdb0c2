"""Back to back, engine calls alone: what there is to time of a graph in no bundle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sonoedge.runtime import Tensors
from sonoedge.terminal.progress import Progress
from sonoedge_bench.machine.energy import Energy
from sonoedge_bench.machine.process import cpu_ns
from sonoedge_bench.modes.bursts import BURST, WARM_UP, in_bursts
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
    """Time every engine on the same inputs, in bursts."""
    in_bursts(
        [(e.tape, partial(_call, e, inputs, clock_ns=clock_ns)) for e in engines],
        turns=frames,
        warm_up=warm_up,
        burst=burst,
        energy=energy,
        progress=progress,
    )


def _call(
    engine: BareEngine,
    inputs: Sequence[Tensors],
    number: int,
    *,
    clock_ns: Callable[[], int],
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
