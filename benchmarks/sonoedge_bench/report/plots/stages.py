"""Where a frame's time goes: one stacked bar per run, medians."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sonoedge.findings import STAGES
from sonoedge_bench.document.run import Run
from sonoedge_bench.report.cells import engine
from sonoedge_bench.report.plots.axes import LEFT, Axis, Drawing, axis

FILL: Final = {
    "guard": "#0f766e",
    "preprocess": "#65a30d",
    "engine": "#1769aa",
    "postprocess": "#c2410c",
    "tracker": "#7e22ce",
    "rest": "#9ca3af",
}
ROW = 34


def stages(runs: Sequence[Run], omit: Collection[str] = ()) -> str:
    """Stages, and what lies around them: waking up, crossing to the worker, the callback."""
    rows = [(engine(run), [p for p in _parts(run) if p[0] not in omit]) for run in runs]
    rows = [(name, parts) for name, parts in rows if parts]
    if not rows:
        return ""
    longest = max(sum(ms for _, ms in parts) for _, parts in rows)
    drawing = Drawing(
        x=axis("ms, sum of medians", [0.0, longest], zero=True),
        y=Axis(label="", low=0, high=1, ticks=((-1.0, ""),)),
        title="stages",
        height=70 + ROW * len(rows),
    )
    for at, (name, parts) in enumerate(rows):
        top = 14 + ROW * at
        drawing.text(LEFT + 2, top + 9, name)
        offset = 0.0
        for stage, ms in parts:
            about = f"{stage}: {ms:.3f} ms"
            x0, x1 = drawing.px(offset), drawing.px(offset + ms)
            drawing.bar(x0, x1, top + 13, top + 27, FILL[stage], about)
            offset += ms
    return drawing.svg()


def _parts(run: Run) -> list[tuple[str, float]]:
    """(stage, median ms), and the rest up to the median of the total."""
    parts = [(stage, ms) for stage in STAGES if (ms := _median(run, f"{stage}_ms")) is not None]
    total = _median(run, "age_ms" if "age_ms" in run.figures else "analyse_ms")
    if parts and total is not None:
        rest = total - sum(ms for _, ms in parts)
        if rest > 0:
            parts.append(("rest", rest))
    return parts


def _median(run: Run, figure: str) -> float | None:
    quantile = run.figures[figure].p50 if figure in run.figures else None
    return None if quantile is None else quantile.value
