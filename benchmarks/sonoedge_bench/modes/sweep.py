"""Variants x threads x arrival rates in one run, taking turns."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from sonoedge_bench.modes.paced import COLUMNS, PacedEngine, paced_engine
from sonoedge_bench.modes.plan import Plan, unless_absent
from sonoedge_bench.modes.schedule import schedule
from sonoedge_bench.modes.tape import Recording, Tape
from sonoedge_bench.modes.usage import Usage

SLICE_S: Final = 2.0  # that one combination has before the next one's turn
WARM_UP_FRAMES: Final = 5  # of each slice: the others have been in the caches


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One combination."""

    engine: PacedEngine
    tape: Tape
    usage: Usage
    fps: float
    count: int


def sweep(plan: Plan, recording: Recording) -> None:
    """Measure all combinations; each has a slice of two seconds, then the next, around and around.

    Every variant is open once per number of threads; whatever else the machine does
    meanwhile hits all combinations.

    Raises:
        SonoedgeError: as `paced`.
    """
    with ExitStack() as stack:
        cells = _cells(plan, recording, stack)
        rounds = max((_slices(c.count, c.fps) for c in cells), default=0)
        progress = plan.progress(rounds * len(cells))
        for turn in range(rounds):
            for at, cell in enumerate(cells):
                _slice(plan, cell, turn, rounds)
                progress.show(turn * len(cells) + at + 1, cell.tape.subject.variant)
        progress.clear()


def _cells(plan: Plan, recording: Recording, stack: ExitStack) -> list[Cell]:
    slowest = min(plan.options.fps)
    cells = []
    for variant in plan.variants:
        for threads in plan.options.threads:
            with unless_absent(recording, variant):
                engine = stack.enter_context(
                    paced_engine(plan, variant, threads, slowest, quiet=True)
                )
                for fps in plan.options.fps:
                    count = plan.options.arrivals(fps)
                    subject = plan.subject(variant, engine.origin, threads, fps)
                    tape = recording.begin(subject, COLUMNS, count)
                    usage = Usage(tape.spent, engine.worker, plan.energy, plan.clock_ns)
                    cells.append(Cell(engine=engine, tape=tape, usage=usage, fps=fps, count=count))
    return cells


def _slices(count: int, fps: float) -> int:
    return max(1, round(count / fps / SLICE_S))


def _slice(plan: Plan, cell: Cell, turn: int, rounds: int) -> None:
    """Warm up, then this turn's share of the frames."""
    first = cell.count * turn // rounds
    share = cell.count * (turn + 1) // rounds - first
    if share < 1:
        return
    tape = cell.tape
    warm_up = Tape(subject=tape.subject, rows=tape.warm_up, warm_up=tape.warm_up)
    quiet = schedule(plan.clock_ns(), cell.fps, WARM_UP_FRAMES)
    cell.engine.drive(quiet, warm_up, first=first)
    before = len(tape.rows)
    cell.usage.begin()
    try:
        arrivals = schedule(plan.clock_ns(), cell.fps, share)
        cell.engine.drive(arrivals, tape, first=first + WARM_UP_FRAMES)
    finally:
        cell.usage.end(len(tape.rows) - before)
