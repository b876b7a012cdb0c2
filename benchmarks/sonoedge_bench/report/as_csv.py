"""Figures as CSV: one line per run and figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any, Final

from sonoedge_bench.statistics import QUANTILES

RUN: Final = (
    "variant",
    "runtime",
    "precision",
    "threads",
    "isolation",
    "spin",
    "keep_warm",
    "fps",
    "deadline_ms",
)


def csv_text(document: Mapping[str, Any]) -> str:
    """Header and lines; unknown is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    spread = [f"{q}{end}" for q in QUANTILES for end in ("", "_low", "_high")]
    writer.writerow(["bundle", "mode", *RUN, "figure", "n", "mean", *spread, "max"])
    for run in document["runs"]:
        for name, summary in run["figures"].items():
            values: list[Any] = []
            for q in QUANTILES:
                found = summary[q] or {}
                values += [found.get("value"), found.get("low"), found.get("high")]
            writer.writerow(
                [document["bundle"]["id"], document["mode"], *(run[key] for key in RUN)]
                + [name, summary["n"], summary["mean"], *values, summary["max"]]
            )
    return out.getvalue()
