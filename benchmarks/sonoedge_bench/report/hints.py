"""What to measure for the quantiles that the sample is too small to know."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from sonoedge_bench.document import Document
from sonoedge_bench.document.comparison import Mode
from sonoedge_bench.document.run import Run

LABELS: Final = {"p50": "p50", "p90": "p90", "p99": "p99", "p999": "p99.9"}
FIGURES: Final[dict[Mode, str]] = {"closed": "analyse_ms", "cold": "open_ms"}  # else age_ms


def hints(document: Document) -> list[str]:
    """One sentence per quantile that some run lacks; empty where all are known."""
    required: dict[str, tuple[int, int]] = {}
    for run in document.runs:
        for name, samples, amount in _missing(document, run):
            required[name] = (samples, max(amount, required.get(name, (0, 0))[1]))
    option = {"closed": "--frames", "cold": "--repeats"}.get(document.mode, "--duration")
    return [
        f"n<{samples}: {LABELS[name]} takes {samples} samples; "
        f"measure again with {option} {amount} or more"
        for name, (samples, amount) in required.items()
    ]


def _missing(document: Document, run: Run) -> Iterator[tuple[str, int, int]]:
    """(quantile, samples, frames, repeats or seconds that would give them)."""
    figure = FIGURES.get(document.mode, "age_ms")
    summary = run.figures.get(figure) or run.figures.get("bare_ms")
    if summary is None or not summary.n:
        return
    arrivals = max(run.outcomes.submitted, summary.n)
    if document.mode not in FIGURES:
        # Frames arrive at a pace, and some moments of the schedule bring no frame.
        numbers = [n for n in run.samples["number"] if n is not None]
        arrivals = max(arrivals, round(max(numbers) - min(numbers)) + 1)
    for name, samples in summary.required_samples.items():
        amount = samples * arrivals / summary.n
        yield name, samples, math.ceil(amount if run.fps is None else amount / run.fps)
