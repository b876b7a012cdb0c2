"""Write the layers' ranking for a person: a table, and a plot where matplotlib is there."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sonoedge_export.quantize.sensitivity import Sensitivity

HEAD: Final = ("rank", "layer", "kind", "sqnr_db", "share_of_weights")


def write_ranking(folder: Path, name: str, ranked: Sequence[Sensitivity]) -> list[Path]:
    """Write NAME-layers.csv, .md and, with matplotlib, .png; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        (str(n), s.layer, s.kind, f"{s.sqnr_db:.2f}", f"{s.share:.4f}")
        for n, s in enumerate(ranked, start=1)
    ]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEAD, *rows])
    lines = [HEAD, ("---",) * len(HEAD), *rows]
    written = [folder / f"{name}-layers.{end}" for end in ("csv", "md", "png")]
    written[0].write_text(text.getvalue(), encoding="utf-8")
    written[1].write_text("".join(f"| {' | '.join(r)} |\n" for r in lines), encoding="utf-8")
    return written if _plot(written[2], ranked) else written[:2]


def _plot(file: Path, ranked: Sequence[Sensitivity]) -> bool:
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        return False
    figure = Figure(figsize=(8, 1 + 0.2 * len(ranked)), layout="constrained")
    axes = figure.subplots()
    shown = list(reversed(ranked))
    axes.barh([s.layer for s in shown], [s.sqnr_db for s in shown], color="#4477aa")
    axes.set_xlabel("signal to quantization noise, dB (short bars are noisy)")
    axes.tick_params(axis="y", labelsize=7)
    figure.savefig(file, dpi=120)
    return True
