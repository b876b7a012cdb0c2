"""A sweep's runs: age of results against processor time, the Pareto front marked."""

from __future__ import annotations

from collections.abc import Sequence

from sonoedge_bench.document.run import Run
from sonoedge_bench.report.pareto import coordinates, front
from sonoedge_bench.report.plots.axes import Drawing, axis
from sonoedge_bench.report.plots.series import Style


def pareto(runs: Sequence[Run], run_styles: Sequence[Style]) -> str:
    """A dot per run of one pace; those on the front have a ring, and a line through them."""
    points = {at: xy for at, run in enumerate(runs) if (xy := coordinates(run)) is not None}
    if len(points) < 2:
        return ""
    best = set(front(runs))
    drawing = Drawing(
        x=axis("processor ms per frame", [x for x, _ in points.values()]),
        y=axis("age p50, ms", [y for _, y in points.values()]),
        title="age against processor time",
        height=340,
    )
    line = sorted(points[at] for at in best)
    if len(line) > 1:
        drawing.line(line, "#9ca3af", 1.0)
    for at, (x, y) in points.items():
        about = f"{run_styles[at].name}: {y:.2f} ms, {x:.2f} ms of processor time"
        drawing.dot(x, y, run_styles[at].colour, 5.0, about, ring="#111827" if at in best else "")
        is_right = drawing.px(x) > 0.75 * drawing.width
        text = f"{runs[at].threads} thr"
        if at in best:
            text = f"{runs[at].variant}, {text}"
        side, anchor = (-10, "end") if is_right else (10, "start")
        drawing.text(drawing.px(x) + side, drawing.py(y) + 4, text, anchor)
    return drawing.svg()
