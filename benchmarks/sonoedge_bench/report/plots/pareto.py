"""A sweep's runs: age of results against what they cost, the front marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sonoedge_bench.report.cells import engine
from sonoedge_bench.report.pareto import coordinates, front
from sonoedge_bench.report.plots.axes import Drawing, axis, colour


def pareto(runs: Sequence[Mapping[str, Any]]) -> str:
    """A dot per run; those on the front have a ring, and a line through them per pace."""
    known = {at: xy for at, run in enumerate(runs) if (xy := coordinates(run)) is not None}
    if len(known) < 2:
        return ""
    best = set(front(runs))
    drawing = Drawing(
        x=axis("processor ms per frame", [x for x, _ in known.values()]),
        y=axis("age p50, ms", [y for _, y in known.values()]),
        title="age against processor time",
        height=340,
    )
    paces = sorted({run["fps"] for run in runs})
    for pace in paces:
        line = sorted(known[at] for at in best if runs[at]["fps"] == pace)
        if len(line) > 1:
            drawing.line(line, "#9ca3af", 1.0)
    for at, (x, y) in known.items():
        about = f"{engine(runs[at])}: {y:.2f} ms, {x:.2f} ms of processor time"
        drawing.dot(x, y, colour(at), 5.0, about, ring="#111827" if at in best else "")
        if at in best:
            left = drawing.px(x) > 0.7 * drawing.width
            drawing.text(
                drawing.px(x) + (-9 if left else 9),
                drawing.py(y) - 7,
                engine(runs[at]),
                "end" if left else "start",
            )
    return drawing.svg()
