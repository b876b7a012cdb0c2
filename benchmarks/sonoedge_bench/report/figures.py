"""The page's figures: which plots a document has, with their legends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from sonoedge_bench.report.plots.axes import colour
from sonoedge_bench.report.plots.distribution import distribution
from sonoedge_bench.report.plots.pareto import pareto
from sonoedge_bench.report.plots.series import Style, styles
from sonoedge_bench.report.plots.stages import FILL, stages
from sonoedge_bench.report.plots.timeline import over_time, timeline

Run = Mapping[str, Any]

# per mode: the figure whose distribution and time line are drawn
DRAWN: Final = {"closed": "analyse_ms", "cold": "open_ms"}
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
AROUND: Final = (
    "Medians. Around: waking up when the frame arrives, handing it over, and the way of the "
    "result back to the caller."
)
RINGED: Final = "A ring: no other run is younger for as little processor time."
MISSED: Final = "Red dots: later than the deadline. Red strokes at the foot: no result."


def figures(document: Mapping[str, Any]) -> Iterator[str]:
    """HTML of each figure."""
    runs, figure = document["runs"], DRAWN.get(document["mode"], "age_ms")
    drawn = styles(runs)
    for pace in dict.fromkeys(run["fps"] for run in runs):
        at = [i for i, run in enumerate(runs) if run["fps"] == pace]
        some, how = [runs[i] for i in at], [drawn[i] for i in at]
        title = "" if pace is None else f", {pace:g} frames per second"
        if document["mode"] == "sweep":
            yield _figure(f"age against cost{title}", _legend(how), pareto(some, how), RINGED)
        yield _distribution(some, how, figure, f"latency distribution{title}")
    legend = "".join(_key(fill, "", stage) for stage, fill in FILL.items())
    yield _figure("where the time goes", legend, stages(runs), AROUND)
    yield _figure("the same without the engine", legend, stages(runs, ("engine",)), "")
    if document["mode"] != "cold":
        yield _folded(_over_time(document, drawn, figure), document["mode"] == "sweep")


def _over_time(document: Mapping[str, Any], drawn: Sequence[Style], figure: str) -> Iterator[str]:
    runs = document["runs"]
    for run, style in zip(runs, drawn, strict=True):
        note = MISSED if run["fps"] else ""
        yield _figure(f"over time: {style.name}", "", timeline(run, figure, style.colour), note)
    # In a closed run all share the process, and one monitor.
    watched = runs if document["mode"] != "closed" else runs[:1]
    for title, label, columns in LINES:
        for run, style in zip(watched, drawn, strict=False):
            whose = "" if document["mode"] == "closed" else f": {style.name}"
            yield _readings(run, f"{title}{whose}", label, columns)


def _distribution(runs: Sequence[Run], how: Sequence[Style], figure: str, title: str) -> str:
    named = [
        (style, [v for v in run["samples"].get(figure, ()) if v is not None])
        for run, style in zip(runs, how, strict=True)
    ]
    if figure == "analyse_ms" and len(runs) == 1:
        bare = Style(name="bare engine", colour=colour(1))
        named.append((bare, [v for v in runs[0]["samples"]["bare_ms"] if v is not None]))
    deadlines = {run["deadline_ms"] for run in runs}
    deadline = deadlines.pop() if len(deadlines) == 1 else None
    drawn = distribution(named, f"{figure.removesuffix('_ms')}, ms", deadline)
    return _figure(title, _legend([style for style, _ in named]), drawn, STRETCHED)


def _readings(run: Run, title: str, label: str, columns: Sequence[tuple[str, str]]) -> str:
    seen = run["over_time"] or {}
    named = [(name, seen[key], colour(at)) for at, (key, name) in enumerate(columns) if key in seen]
    if not named:
        return ""
    legend = "".join(_key(stroke, "", name) for name, _, stroke in named) if named[1:] else ""
    return _figure(title, legend, over_time(seen["t_s"], named, label), "")


def _figure(title: str, legend: str, drawn: str, note: str) -> str:
    if not drawn:
        return ""
    said = f"<figcaption>{escape(note)}</figcaption>" if note else ""
    keys = f'<div class="legend">{legend}</div>' if legend else ""
    return f"<h2>{escape(title)}</h2><figure>{keys}{drawn}{said}</figure>"


def _folded(parts: Iterator[str], fold: bool) -> str:
    inside = "".join(parts)
    if not fold or not inside:
        return inside
    return f"<details><summary>over time, run by run</summary>{inside}</details>"


def _legend(how: Sequence[Style]) -> str:
    return "".join(_key(s.colour, s.dash, s.name) for s in how) if len(how) > 1 else ""


def _key(stroke: str, dash: str, name: str) -> str:
    line = f'<line x1="0" x2="26" y1="6" y2="6" stroke="{stroke}" stroke-width="4"'
    line += f' stroke-dasharray="{dash}"/>' if dash else "/>"
    return f'<span><svg class="key" viewBox="0 0 26 12">{line}</svg>{escape(name)}</span>'
