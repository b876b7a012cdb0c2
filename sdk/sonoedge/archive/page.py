"""The report as one HTML file: nothing from elsewhere, no script, and no item's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files
from typing import Final

from sonoedge.archive.charts import histogram, rate_bar, table
from sonoedge.archive.outcome import ItemOutcome
from sonoedge.archive.rates import Rate
from sonoedge.archive.summary import Group, Summary
from sonoedge.drift.measure import LARGE, MODERATE, Shift

_CLAIM: Final = (
    "For research and engineering; not for diagnosis. A frame that was not analysed says nothing "
    "about what it shows."
)
_MEASURES: Final = {
    "abstained": "Not analysed",
    "suspicion": "Suspicion",
    "grey_mean": "Grey mean",
    "grey_deviation": "Contrast",
}
_HISTOGRAMS: Final = {
    "suspicion": ("Highest suspicion of a frame", ("no region", "0.5", "1")),
    "grey_mean": ("Mean grey level of the network's input", ("0", "128", "255")),
    "grey_deviation": ("Contrast: deviation of its grey levels", ("0", "64", "128")),
}
_NO_REFERENCE: Final = (
    "Not compared: the bundle holds no statistics of the frames that it was measured on. A bundle "
    "that is exported anew holds them; sonoedge drift compares reports with each other."
)


def page(summary: Summary) -> str:
    """The file's text."""
    style = (files("sonoedge.archive") / "page.css").read_text(encoding="utf-8")
    title = f"Screening with {summary.identity['bundle_id']}"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{style}</style></head><body>",
        f"<header><h1>{escape(title)}</h1>",
        f'<p class="dim">{escape(str(summary.identity["variant"]))}</p>',
        f'<p class="claim">{escape(_CLAIM)}</p></header><main>',
        *_left_out(summary),
        *_tiles(summary),
    ]
    if summary.everything.counts.frames:
        parts += [*_rates(summary), *_charts(summary), *_drift(summary)]
    parts += [*_failed(summary), *_made(summary), "</main></body></html>\n"]
    return "".join(parts)


def _tiles(summary: Summary) -> Iterator[str]:
    counts = summary.everything.counts
    items = sum(summary.outcomes.values())
    failed = items - summary.outcomes[ItemOutcome.DONE.value]
    share = f"{counts.analysed / counts.frames:.1%} analysed" if counts.frames else "none"
    flags = summary.flags.get("frames with the flag up")
    tiles = [
        ("", f"{items:,}", f"items, in {len(summary.groups)} groups of scanner and month"),
        (" bad" if failed else "", f"{failed:,}", "items failed"),
        ("", f"{counts.frames:,}", f"frames, {share}"),
        ("", "-" if flags is None else f"{flags.per_1000:.1f}", "of 1,000 frames with the flag up"),
    ]
    yield '<div class="tiles">'
    for css, number, words in tiles:
        yield f'<div class="tile{css}"><b>{number}</b>{escape(words)}</div>'
    yield "</div>"


def _left_out(summary: Summary) -> Iterator[str]:
    if summary.left_out is None:
        yield '<p class="claim">The last run did not come to its end: there may be more items.</p>'
    elif summary.left_out:
        why = ", ".join(f"{count:,} x {why}" for why, count in summary.left_out.items())
        yield f'<p class="dim">Left out: {escape(why)}.</p>'


def _rates(summary: Summary) -> Iterator[str]:
    head = (("", ""), ("n", "Count"), ("n", "Per 1,000"), ("n", "95 % interval"), ("", ""))
    caption = "Per thousand frames; the intervals are of a bootstrap over studies, not frames."
    yield "<h2>Flags</h2>"
    yield table(head, _rate_rows(summary.flags), caption)
    yield "<h2>Not analysed, and why</h2>"
    if summary.not_analysed.get("any", Rate(count=0, per_1000=0, ci95=None)).count:
        yield table(head, _rate_rows(summary.not_analysed), caption)
    else:
        yield "<p>Every frame was analysed.</p>"


def _rate_rows(rates: Mapping[str, Rate]) -> Iterator[str]:
    most = max((r.ci95[1] if r.ci95 else r.per_1000 for r in rates.values()), default=0.0)
    for name, rate in rates.items():
        low_high = "" if rate.ci95 is None else f"{rate.ci95[0]:.1f} to {rate.ci95[1]:.1f}"
        yield (
            f"<tr><td>{escape(name)}</td><td class='n'>{rate.count:,}</td>"
            f"<td class='n'>{rate.per_1000:.1f}</td><td class='n'>{low_high}</td>"
            f"<td>{rate_bar(rate, most)}</td></tr>"
        )


def _charts(summary: Summary) -> Iterator[str]:
    reference = summary.reference
    yield "<h2>What was shown, and what was answered</h2>"
    yield '<p><span class="key of-here"></span>this archive'
    if reference is not None:
        yield ' &ensp;<span class="key of-there"></span>the frames that the bundle was measured on'
    yield '</p><div class="charts">'
    for name, (title, ends) in _HISTOGRAMS.items():
        theirs = None if reference is None else reference.histograms[name]
        yield histogram(title, summary.everything.counts.histograms[name], theirs, ends)
    yield "</div>"


def _drift(summary: Summary) -> Iterator[str]:
    yield "<h2>Drift, by scanner and month</h2>"
    if summary.reference is None:
        yield f"<p>{escape(_NO_REFERENCE)}</p>"
    head = [("", "Scanner"), ("", "Month"), ("n", "Items"), ("n", "Frames")]
    head += [("n", title) for title in _MEASURES.values()]
    yield table(head, _drift_rows(summary))
    if summary.reference is not None:
        yield (
            f'<p class="dim">Population stability index against the {summary.reference.frames:,} '
            f"frames that the bundle was measured on: {MODERATE} and more is called moderate, "
            f"{LARGE} and more large, where 1 of 100 chance comparisons gives less; "
            "&ldquo;too few&rdquo; where chance alone gives a large one. Those frames were chosen "
            "and labelled: an archive differs from them in how often something is suspicious even "
            "where nothing has changed. What moves from month to month on one scanner is drift."
            "</p>"
        )


def _drift_rows(summary: Summary) -> Iterator[str]:
    yield _drift_row("all", "", summary.everything, "total")
    for (scanner, month), group in summary.groups.items():
        yield _drift_row(scanner, month, group, "")


def _drift_row(scanner: str, month: str, group: Group, css: str) -> str:
    cells = "".join(_cell(group.shifts.get(name)) for name in _MEASURES)
    return (
        f'<tr class="{css}"><td>{escape(scanner)}</td><td>{escape(month)}</td>'
        f"<td class='n'>{group.items:,}</td><td class='n'>{group.counts.frames:,}</td>{cells}</tr>"
    )


def _cell(shift: Shift | None) -> str:
    if shift is None:
        return "<td class='n'>-</td>"
    words = {"undecided": "too few"}.get(shift.size, shift.size)
    return f'<td class="n {shift.size}">{shift.index:.2f}<small>{words}</small></td>'


def _failed(summary: Summary) -> Iterator[str]:
    if not summary.failed:
        return
    yield "<h2>Items that failed</h2>"
    yield (
        "<p>By the name of their part file, whose first line names the item; "
        "<code>--retry-failed</code> tries them again.</p>"
    )
    rows = (
        f"<tr><td>{escape(outcome)}</td><td><code>{escape(item)}</code></td>"
        f"<td>{escape(detail)}</td></tr>"
        for item, outcome, detail in summary.failed
    )
    yield table((("", "Outcome"), ("", "Part"), ("", "What happened")), rows)


def _made(summary: Summary) -> Iterator[str]:
    yield "<h2>What the results hang on</h2>"
    flat = {k: v for k, v in summary.identity.items() if k != "versions"}
    flat |= summary.identity.get("versions", {})
    rows = (
        f"<tr><td>{escape(str(name))}</td><td><code>{escape(str(value))}</code></td></tr>"
        for name, value in flat.items()
        if value is not None
    )
    yield table((("", "Name"), ("", "Value")), rows)
