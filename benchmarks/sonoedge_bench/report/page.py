"""A document as one HTML file: no network, no scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from sonoedge_bench.report.cells import engine
from sonoedge_bench.report.comparison import comparison_table
from sonoedge_bench.report.facts import facts, target_lines
from sonoedge_bench.report.plots.axes import colour
from sonoedge_bench.report.plots.distribution import distribution
from sonoedge_bench.report.plots.pareto import pareto
from sonoedge_bench.report.plots.stages import FILL, stages
from sonoedge_bench.report.plots.timeline import over_time, timeline
from sonoedge_bench.report.tables import TextTable, tables

# per mode: the figure whose distribution and time line are drawn
DRAWN = {"closed": "analyse_ms", "cold": "open_ms"}
LINES = (
    ("memory", "MiB", (("host_rss_mib", "this process"), ("worker_rss_mib", "worker"))),
    ("clocks", "MHz, mean of the cores", (("mhz_mean", "mean"),)),
    ("temperature", "°C, hottest zone", (("temperature_max_c", "hottest"),)),
)


def html_text(document: Mapping[str, Any]) -> str:
    """The whole file."""
    title = f"{document['bundle']['name']}: {document['mode']}"
    style = (files("sonoedge_bench.report") / "page.css").read_text(encoding="utf-8")
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{style}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            *_head(document),
            *(_table(t) for t in tables(document)),
            *_compared(document),
            *_plots(document),
            '<p class="foot">Made by sonoedge bench. For research and engineering; '
            "not for diagnosis.</p></body></html>\n",
        ]
    )


def _head(document: Mapping[str, Any]) -> Iterator[str]:
    lines = target_lines(document)
    if lines:
        bad = bool(document["target"]["failures"])
        told = "<br>".join(escape(line) for line in lines)
        yield f'<p class="{"bad" if bad else "good"}">{told}</p>'
    if not document["complete"]:
        yield f'<p class="bad">Not complete: {escape(document["ended"])}</p>'
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in facts(document)
    )
    yield "<details open><summary>what, where, how</summary>"
    yield f'<table class="facts">{rows}</table></details>'


def _compared(document: Mapping[str, Any]) -> Iterator[str]:
    result = document["comparison"]
    if result is None:
        return
    yield _table(comparison_table(result, "the baseline", "this run"))
    for line in (*result["warnings"], *result["failures"]):
        yield f'<p class="bad">{escape(line)}</p>'


def _plots(document: Mapping[str, Any]) -> Iterator[str]:
    runs = document["runs"]
    figure = DRAWN.get(document["mode"], "age_ms")
    if document["mode"] == "sweep":
        legend = _legend([(engine(r), colour(at)) for at, r in enumerate(runs)])
        note = "A ring: no run at that pace is younger for as little processor time."
        yield _figure("age against processor time", legend, pareto(runs), note)
    yield _distribution(runs, figure)
    stage_legend = _legend([(s, fill) for s, fill in FILL.items()])
    yield _figure("where the time goes", stage_legend, stages(runs), "Medians of each stage.")
    if document["mode"] == "cold":
        return
    for at, run in enumerate(runs):
        note = "Red: later than the deadline; red strokes at the foot: no result."
        drawn = timeline(run, figure, colour(at))
        yield _figure(f"over time: {engine(run)}", "", drawn, note if run["fps"] else "")
    for title, label, columns in LINES:
        for run in runs if document["mode"] != "closed" else runs[:1]:
            yield _readings(run, title, label, columns)


def _distribution(runs: Sequence[Mapping[str, Any]], figure: str) -> str:
    named = [
        (engine(run), [v for v in run["samples"].get(figure, ()) if v is not None]) for run in runs
    ]
    legend = [(name, colour(at)) for at, (name, _) in enumerate(named)]
    bare = "bare_ms" if figure == "analyse_ms" else None
    deadlines = {run["deadline_ms"] for run in runs}
    deadline = deadlines.pop() if len(deadlines) == 1 else None
    if bare is not None and len(runs) == 1:
        named.append(("bare engine", [v for v in runs[0]["samples"][bare] if v is not None]))
        legend.append(("bare engine", colour(1)))
    drawn = distribution(named, f"{figure.removesuffix('_ms')}, ms", deadline)
    note = "To the right the rare slow ones: each step to the next nine is ten times as rare."
    return _figure("latency distribution", _legend(legend), drawn, note)


def _readings(
    run: Mapping[str, Any], title: str, label: str, columns: Sequence[tuple[str, str]]
) -> str:
    seen = run["over_time"] or {}
    named = [(name, seen[key], colour(at)) for at, (key, name) in enumerate(columns) if key in seen]
    if not named:
        return ""
    legend = _legend([(name, stroke) for name, _, stroke in named])
    drawn = over_time(seen["t_s"], named, label)
    return _figure(f"{title}: {engine(run)}", legend, drawn, "")


def _figure(title: str, legend: str, drawn: str, note: str) -> str:
    if not drawn:
        return ""
    said = f"<figcaption>{escape(note)}</figcaption>" if note else ""
    return f"<h2>{escape(title)}</h2><figure>{legend}{drawn}{said}</figure>"


def _legend(items: Sequence[tuple[str, str]]) -> str:
    if len(items) < 2:
        return ""
    spans = "".join(
        f'<span><i style="background:{fill}"></i>{escape(name)}</span>' for name, fill in items
    )
    return f'<div class="legend">{spans}</div>'


def _table(table: TextTable) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    return (
        f"<h2>{escape(table.title)}</h2><div class='wide'><table class='figures'><thead><tr>{head}"
        f"</tr></thead><tbody>{body}</tbody></table></div>{note}"
    )
