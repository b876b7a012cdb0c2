"""The page's figures: which plots a document has, with their legends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from sonoedge_bench.document import Document
from sonoedge_bench.document.comparison import Mode
from sonoedge_bench.document.run import Run
from sonoedge_bench.report.plots.axes import colour
from sonoedge_bench.report.plots.distribution import distribution
from sonoedge_bench.report.plots.pareto import pareto
from sonoedge_bench.report.plots.series import Style, styles
from sonoedge_bench.report.plots.stages import FILL, stages
from sonoedge_bench.report.plots.timeline import over_time, timeline

# per mode: the figure whose distribution and time line are drawn; else age_ms
DRAWN: Final[dict[Mode, str]] = {"closed": "analyse_ms", "cold": "open_ms"}
LINES: Final = (
    ("memory", "MiB", (("host_rss_mib", "this process"), ("worker_rss_mib", "worker"))),
    (
        "processor",
        "cores",
        (("busy_cores", "in use by all processes"), ("stolen_cores", "stolen by other machines")),
    ),
    ("clocks", "MHz, mean of the cores", (("mhz_mean", "mean"),)),
    ("temperature", "°C, hottest zone", (("temperature_max_c", "hottest"),)),
)
STRETCHED: Final = "To the right the rare slow ones: each further nine is ten times as rare."
REST: Final = (
    "Medians. Rest: waking up when the frame arrives, handing it over, and returning the "
    "result to the caller."
)
RINGED: Final = "A ring: no other run has younger results for as little processor time."
MISSED: Final = "Red dots: later than the deadline. Red strokes at the foot: no result."


def figures(document: Document) -> Iterator[str]:
    """HTML of each figure."""
    runs, figure = document.runs, DRAWN.get(document.mode, "age_ms")
    if document.model.kind == "graph":
        figure = "bare_ms"
    run_styles = styles(runs)
    for pace in dict.fromkeys(run.fps for run in runs):
        at = [i for i, run in enumerate(runs) if run.fps == pace]
        runs_at_pace, pace_styles = [runs[i] for i in at], [run_styles[i] for i in at]
        title = "" if pace is None else f", {pace:g} frames per second"
        if document.mode == "sweep":
            drawing = pareto(runs_at_pace, pace_styles)
            yield _figure(f"Age against cost{title}", _legend(pace_styles), drawing, RINGED)
        yield _distribution(runs_at_pace, pace_styles, figure, f"Latency distribution{title}")
    legend = "".join(_key(fill, "", stage) for stage, fill in FILL.items())
    yield _figure("Time per stage", legend, stages(runs), REST)
    yield _figure("Time per stage without the engine", legend, stages(runs, ("engine",)), "")
    if document.mode != "cold":
        yield _folded(_over_time(document, run_styles, figure), document.mode == "sweep")


def _over_time(document: Document, run_styles: Sequence[Style], figure: str) -> Iterator[str]:
    runs = document.runs
    for run, style in zip(runs, run_styles, strict=True):
        note = MISSED if run.fps else ""
        yield _figure(f"Over time: {style.name}", "", timeline(run, figure, style.colour), note)
    # In a closed run all share the process, and one monitor.
    monitored = runs if document.mode != "closed" else runs[:1]
    for title, label, columns in LINES:
        for run, style in zip(monitored, run_styles, strict=False):
            suffix = "" if document.mode == "closed" else f": {style.name}"
            yield _readings(run, f"{title.capitalize()}{suffix}", label, columns)


def _distribution(runs: Sequence[Run], run_styles: Sequence[Style], figure: str, title: str) -> str:
    series = [(style, run.values(figure)) for run, style in zip(runs, run_styles, strict=True)]
    if figure == "analyse_ms" and len(runs) == 1:
        series.append((Style(name="bare engine", colour=colour(1)), runs[0].values("bare_ms")))
    deadlines = {run.deadline_ms for run in runs}
    deadline = deadlines.pop() if len(deadlines) == 1 else None
    drawing = distribution(series, f"{figure.removesuffix('_ms')}, ms", deadline)
    return _figure(title, _legend([style for style, _ in series]), drawing, STRETCHED)


def _readings(run: Run, title: str, label: str, columns: Sequence[tuple[str, str]]) -> str:
    readings = run.over_time or {}
    series = [
        (name, readings[key], colour(at))
        for at, (key, name) in enumerate(columns)
        if key in readings
    ]
    if not series:
        return ""
    legend = "".join(_key(stroke, "", name) for name, _, stroke in series) if series[1:] else ""
    times = [t or 0.0 for t in readings["t_s"]]
    return _figure(title, legend, over_time(times, series, label), "")


def _figure(title: str, legend: str, drawing: str, note: str) -> str:
    if not drawing:
        return ""
    caption = f"<figcaption>{escape(note)}</figcaption>" if note else ""
    keys = f'<div class="legend">{legend}</div>' if legend else ""
    return f"<h2>{escape(title)}</h2><figure>{keys}{drawing}{caption}</figure>"


def _folded(parts: Iterator[str], fold: bool) -> str:
    inside = "".join(parts)
    if not fold or not inside:
        return inside
    return f"<details><summary>Over time, run by run</summary>{inside}</details>"


def _legend(run_styles: Sequence[Style]) -> str:
    keys = [_key(s.colour, s.dash, s.name) for s in run_styles]
    return "".join(keys) if len(keys) > 1 else ""


def _key(stroke: str, dash: str, name: str) -> str:
    line = f'<line x1="0" x2="26" y1="6" y2="6" stroke="{stroke}" stroke-width="4"'
    line += f' stroke-dasharray="{dash}"/>' if dash else "/>"
    return f'<span><svg class="key" viewBox="0 0 26 12">{line}</svg>{escape(name)}</span>'
