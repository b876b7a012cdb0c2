"""Figures as CSV: one line per run and figure."""

from __future__ import annotations

import csv
import io
from typing import Final

from sonoedge_bench.document import Document
from sonoedge_bench.statistics import QUANTILES

RUN: Final = (
    "variant",
    "runtime",
    "precision",
    "threads",
    "isolation",
    "spin",
    "keep_warm",
    "placement",
    "fps",
    "deadline_ms",
)


def csv_text(document: Document) -> str:
    """Header and lines; unknown is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    spread = [f"{q}{end}" for q in QUANTILES for end in ("", "_low", "_high")]
    writer.writerow(["model", "mode", *RUN, "figure", "n", "mean", *spread, "max"])
    for run in document.runs:
        for name, summary in run.figures.items():
            values: list[float | None] = []
            for q in QUANTILES:
                quantile = summary.quantile(q)
                values += (
                    [None] * 3
                    if quantile is None
                    else [quantile.value, quantile.low, quantile.high]
                )
            writer.writerow(
                [document.model.id, document.mode, *(getattr(run, key) for key in RUN)]
                + [name, summary.n, summary.mean, *values, summary.max]
            )
    return out.getvalue()
