"""How a run is drawn everywhere: its variant's colour, its threads' dashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sonoedge_bench.document.run import Run
from sonoedge_bench.report.cells import engine
from sonoedge_bench.report.plots.axes import colour

DASHES: Final = ("", "7 4", "2 4", "10 3 2 3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A run's name, colour and dashes."""

    name: str
    colour: str
    dash: str = ""


def styles(runs: Sequence[Run]) -> list[Style]:
    """One per run."""
    variants = list(dict.fromkeys(run.variant for run in runs))
    threads = list(dict.fromkeys(run.threads for run in runs))
    return [
        Style(
            name=engine(run),
            colour=colour(variants.index(run.variant)),
            dash=DASHES[threads.index(run.threads) % len(DASHES)],
        )
        for run in runs
    ]
