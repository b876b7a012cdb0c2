"""Turns in bursts: several subjects take turns, so that other work on the machine hits all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from sonoedge.terminal.progress import Progress
from sonoedge_bench.machine.energy import Energy
from sonoedge_bench.modes.tape import Tape

WARM_UP: Final = 20
BURST: Final = 10  # turns that one subject takes before the next one does


class Turn(Protocol):
    """One measurement, of the same number for every subject; or a warm-up, which does not count."""

    def __call__(self, number: int, *, counts: bool) -> None: ...


def in_bursts(
    subjects: Sequence[tuple[Tape, Turn]],
    *,
    turns: int,
    warm_up: int = WARM_UP,
    burst: int = BURST,
    energy: Energy | None = None,
    progress: Progress | None = None,
) -> None:
    """Let every subject take `warm_up` turns, then `turns` that count, in bursts.

    Where there are several subjects, the first turn of each burst finds the caches full of
    another one's work, and does not count.

    Args:
        subjects: each with the tape that gets the energy of its turns.
    """
    for _, turn in subjects:
        for number in range(warm_up):
            turn(number, counts=False)
    number, measured, several = warm_up, 0, len(subjects) > 1
    while measured < turns:
        count = min(burst, turns - measured)
        for tape, turn in subjects:
            if several:
                turn(number, counts=False)
            before = None if energy is None else energy.joules()
            for at in range(number + several, number + several + count):
                turn(at, counts=True)
            if energy is not None and before is not None:
                tape.spent.joules = (tape.spent.joules or 0.0) + energy.joules() - before
                tape.spent.joules_frames += count
        number, measured = number + several + count, measured + count
        if progress is not None:
            progress.show(measured)
    if progress is not None:
        progress.clear()
