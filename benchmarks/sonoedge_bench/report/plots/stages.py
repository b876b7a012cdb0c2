"""Where a frame's time goes: one stacked bar per run, medians."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sonoedge.analyser import STAGES
from sonoedge_bench.report.cells import engine
from sonoedge_bench.report.plots.axes import LEFT, Axis, Drawing, axis

FILL: Final = {
    "guard": "#0f766e",
    "preprocess": "#65a30d",
    "engine": "#1769aa",
    "postprocess": "#c2410c",
    "tracker": "#7e22ce",
    "around": "#9ca3af",
}
ROW = 34


def stages(runs: Sequence[Mapping[str, Any]], leave_out: Collection[str] = ()) -> str:
    """Stages, and what lies around them: waking up, crossing to the worker, the callback."""
    rows = [(engine(run), [p for p in _parts(run) if p[0] not in leave_out]) for run in runs]
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
        left = 0.0
        for stage, ms in parts:
            about = f"{stage}: {ms:.3f} ms"
            x0, x1 = drawing.px(left), drawing.px(left + ms)
            drawing.bar(x0, x1, top + 13, top + 27, FILL[stage], about)
            left += ms
    return drawing.svg()


def _parts(run: Mapping[str, Any]) -> list[tuple[str, float]]:
    found = []
    for stage in STAGES:
        summary = run["figures"].get(f"{stage}_ms")
        if summary is not None and summary["p50"] is not None:
            found.append((stage, float(summary["p50"]["value"])))
    whole = run["figures"].get("age_ms") or run["figures"].get("analyse_ms")
    if found and whole is not None and whole["p50"] is not None:
        rest = float(whole["p50"]["value"]) - sum(ms for _, ms in found)
        if rest > 0:
            found.append(("around", rest))
    return found
