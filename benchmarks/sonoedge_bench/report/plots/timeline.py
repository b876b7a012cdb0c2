"""Latency over time, with every miss marked; and slow readings below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sonoedge_bench.document.run import FAILURES, Run
from sonoedge_bench.report.plots.axes import Drawing, axis

MAX_DOTS: Final = 6000  # dots drawn; of more, only each n-th that is no miss
MISS: Final = "#dc2626"


def timeline(run: Run, figure: str, stroke: str) -> str:
    """One run: a dot per frame, red where it is late, a red stroke where there is no result."""
    samples = run.samples
    pairs = [
        (n, v)
        for n, v in zip(samples.get("number", ()), samples.get(figure, ()), strict=False)
        if n is not None and v is not None
    ]
    if len(pairs) < 2:
        return ""
    fps, deadline = run.fps, run.deadline_ms
    scale = 1.0 if fps is None else 1 / fps
    lost = [(n, reason) for n, reason in run.without_result if reason in FAILURES]
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
    every = max(1, len(pairs) // MAX_DOTS)
    for at, (n, v) in enumerate(pairs):
        late = deadline is not None and v > deadline
        if late:
            drawing.dot(n * scale, v, MISS, 3.0, about=f"frame {n:g}: {v:.2f} ms, late")
        elif at % every == 0:
            drawing.dot(n * scale, v, stroke, 1.3)
    floor = drawing.py(drawing.y.low)
    for n, reason in lost:
        at_x = drawing.px(n * scale)
        drawing.bar(at_x - 0.8, at_x + 0.8, floor - 14, floor, MISS, about=f"frame {n}: {reason}")
    return drawing.svg()


def over_time(
    times: Sequence[float], named: Sequence[tuple[str, Sequence[float | None], str]], label: str
) -> str:
    """Lines over seconds, such as memory; a gap where a value is not known."""
    values = [v for _, column, _ in named for v in column if v is not None]
    if len(times) < 2 or not values:
        return ""
    drawing = Drawing(
        x=axis("seconds", list(times)),
        y=axis(label, values),
        title=f"{label} over time",
        height=180,
    )
    for _, column, stroke in named:
        points = [(t, v) for t, v in zip(times, column, strict=False) if v is not None]
        drawing.line(points, stroke)
    return drawing.svg()
