"""A sweep's runs: age of results against what they cost, the front marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sonoedge_bench.report.pareto import coordinates, front
from sonoedge_bench.report.plots.axes import Drawing, axis
from sonoedge_bench.report.plots.series import Style


def pareto(runs: Sequence[Mapping[str, Any]], how: Sequence[Style]) -> str:
    """A dot per run of one pace; those on the front have a ring, and a line through them."""
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
    line = sorted(known[at] for at in best)
    if len(line) > 1:
        drawing.line(line, "#9ca3af", 1.0)
    for at, (x, y) in known.items():
        about = f"{how[at].name}: {y:.2f} ms, {x:.2f} ms of processor time"
        drawing.dot(x, y, how[at].colour, 5.0, about, ring="#111827" if at in best else "")
        left = drawing.px(x) > 0.75 * drawing.width
        words = f"{runs[at]['threads']} thr"
        if at in best:
            words = f"{runs[at]['variant']}, {words}"
        side, anchor = (-10, "end") if left else (10, "start")
        drawing.text(drawing.px(x) + side, drawing.py(y) + 4, words, anchor)
    return drawing.svg()
