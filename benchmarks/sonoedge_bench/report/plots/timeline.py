"""Latency over time, with every miss marked; and slow readings below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sonoedge_bench.document.runs import FAILURES
from sonoedge_bench.report.plots.axes import Drawing, axis

MOST = 6000  # dots drawn; of more, only each n-th that is no miss
MISS = "#dc2626"


def timeline(run: Mapping[str, Any], figure: str, stroke: str) -> str:
    """One run: a dot per frame, red where it is late, a red stroke where there is no result."""
    samples = run["samples"]
    pairs = [
        (n, v)
        for n, v in zip(samples.get("number", ()), samples.get(figure, ()), strict=False)
        if v is not None
    ]
    if len(pairs) < 2:
        return ""
    fps, deadline = run["fps"], run["deadline_ms"]
    scale = 1.0 if fps is None else 1 / fps
    lost = [(n, why) for n, why in run["others"] if why in FAILURES]
    values = [v for _, v in pairs]
    top = [*values, deadline] if deadline is not None else values
    times = [n * scale for n, _ in pairs] + [n * scale for n, _ in lost]
    drawing = Drawing(
        x=axis("frame" if fps is None else "seconds", times),
        y=axis("ms", top, zero=True),
        title=f"{figure} over time",
        height=220,
    )
    if deadline is not None:
        drawing.rule(deadline, f"deadline {deadline:.4g} ms")
    every = max(1, len(pairs) // MOST)
    for at, (n, v) in enumerate(pairs):
        late = deadline is not None and v > deadline
        if late:
            drawing.dot(n * scale, v, MISS, 3.0, about=f"frame {n:g}: {v:.2f} ms, late")
        elif at % every == 0:
            drawing.dot(n * scale, v, stroke, 1.3)
    floor = drawing.py(drawing.y.low)
    for n, why in lost:
        at_x = drawing.px(n * scale)
        drawing.bar(at_x - 0.8, at_x + 0.8, floor - 14, floor, MISS, about=f"frame {n}: {why}")
    return drawing.svg()


def over_time(
    times: Sequence[float], named: Sequence[tuple[str, Sequence[float | None], str]], label: str
) -> str:
    """Lines over seconds, such as memory; a gap where a value is not known."""
    known = [v for _, values, _ in named for v in values if v is not None]
    if len(times) < 2 or not known:
        return ""
    drawing = Drawing(
        x=axis("seconds", list(times)), y=axis(label, known), title=f"{label} over time", height=180
    )
    for _, values, stroke in named:
        points = [(t, v) for t, v in zip(times, values, strict=False) if v is not None]
        drawing.line(points, stroke)
    return drawing.svg()
