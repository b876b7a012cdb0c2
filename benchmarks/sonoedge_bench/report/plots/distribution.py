"""How latency is distributed: the share of frames that took at most this long, tail stretched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sonoedge_bench.report.plots.axes import Axis, Drawing, axis
from sonoedge_bench.report.plots.series import Style

TAIL = ((0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %"))
POINTS = 400


def distribution(
    named: Sequence[tuple[Style, Sequence[float]]], label: str, deadline_ms: float | None = None
) -> str:
    """Percentile curves, as HdrHistogram draws them: each nine takes the same room.

    Args:
        named: style of each series, and its samples in ms.
        label: of the axis of milliseconds.
    """
    largest = max((len(values) for _, values in named), default=0)
    if largest < 2:
        return ""
    marks = [(1 / (1 - share), text) for share, text in TAIL if 1 / (1 - share) <= 1.5 * largest]
    x = Axis(
        label="share of frames that took at most this long",
        low=1.0,
        high=max(2.0, float(largest)),
        log=True,
        ticks=((1.0, "0 %"), *marks),
    )
    tops = [max(values) for _, values in named if len(values)]
    bottoms = [min(values) for _, values in named if len(values)]
    span = [*bottoms, *tops] + ([deadline_ms] if deadline_ms is not None else [])
    drawing = Drawing(
        x=x,
        y=axis(label, span, log=min(bottoms) > 0 and max(tops) / min(bottoms) > 4),
        title="latency distribution",
    )
    if deadline_ms is not None:
        drawing.rule(deadline_ms, f"deadline {deadline_ms:.4g} ms")
    for style, values in named:
        if not len(values):
            continue
        ordered = np.sort(np.asarray(values, dtype=np.float64))
        count = len(ordered)
        # Ranks at equal distances on the stretched axis, each once.
        spread = np.unique(count - count / np.geomspace(1, count, POINTS)).astype(int)
        ranks = np.unique(np.clip(spread, 0, count - 1))
        points = [(count / (count - int(r)), float(ordered[r])) for r in ranks]
        drawing.line(points, style.colour, 2.0, style.dash)
        about = f"{style.name}, largest of {count}: {points[-1][1]:.2f} ms"
        drawing.dot(*points[-1], style.colour, 3.2, about)
    return drawing.svg()
