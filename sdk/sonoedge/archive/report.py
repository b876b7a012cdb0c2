"""The report on a screening: as a table for a terminal, as a page, and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sonoedge.archive.job import digest
from sonoedge.archive.outcome import ItemOutcome
from sonoedge.archive.page import page
from sonoedge.archive.parts import Parts, read_end
from sonoedge.archive.rates import Rate
from sonoedge.archive.summary import Group, Summary, summarise
from sonoedge.bundle.names import printable
from sonoedge.drift.measure import Shift
from sonoedge.durable import replace_durably

PAGE: Final = "report.html"
JSON: Final = "report.json"
_WIDTH: Final = 79
_LISTED: Final = 20
_MEASURES: Final = ("abstained", "suspicion", "grey_mean", "grey_deviation")


def write_report(out: Path, *, shown: str | None = None) -> str:
    """Write report.html and report.json into a screening's folder; returns the table.

    Args:
        shown: the folder as the caller spells it.

    Raises:
        InvalidData: it holds no screening.
        OSError: it cannot be read or written.
    """
    summary = summarise(out)
    text = json.dumps(summary.report(), indent=1, allow_nan=False) + "\n"
    replace_durably(out / JSON, text.encode())
    replace_durably(out / PAGE, page(summary).encode())
    return "\n".join(line[:_WIDTH] for line in _lines(summary, out, shown or out.name))


def _lines(summary: Summary, out: Path, shown: str) -> Iterator[str]:
    counts, identity = summary.everything.counts, summary.identity
    yield f"bundle   {identity['bundle_id']}"
    yield f"engine   {identity['variant']}"
    by = ", ".join(f"{name} {n}" for name, n in sorted(summary.outcomes.items()))
    yield f"items    {sum(summary.outcomes.values())}: {by}"
    if summary.left_out is None:
        yield "         the last run did not come to its end: there may be more items"
    for why, count in (summary.left_out or {}).items():
        yield f"left out {count} x {why}"
    yield f"frames   {counts.frames}, analysed {counts.analysed}"
    if not counts.frames:
        yield "no frame was analysed"
    else:
        yield ""
        yield f"{'per thousand frames':32}{'':>9}  95 % over studies"
        yield from _rates(summary.flags)
        yield from _rates({f"not analysed: {k}": r for k, r in summary.not_analysed.items()})
        yield ""
        yield from _drift(summary)
    yield from _failed(summary, out)
    yield ""
    yield f"page     {printable(shown)}/{PAGE}"


def _rates(rates: Mapping[str, Rate]) -> Iterator[str]:
    for name, rate in rates.items():
        ci = "" if rate.ci95 is None else f"{rate.ci95[0]:.1f} to {rate.ci95[1]:.1f}"
        yield f"{name[:32]:32}{rate.per_1000:9.1f}  {ci:20}({rate.count})"


def _drift(summary: Summary) -> Iterator[str]:
    if summary.reference is None:
        yield "drift    not compared: the bundle holds no statistics of its own frames;"
        yield "         export it again, or compare reports with sonoedge drift"
        return
    yield "drift from the bundle's own frames (population stability index)"
    titles = "".join(f"{title:>10}" for title in ("abstained", "suspicion", "grey", "contrast"))
    yield f"{'scanner, month':31}{'items':>6} {titles}"
    yield _shifts("all", summary.everything)
    for (scanner, month), group in list(summary.groups.items())[:_LISTED]:
        yield _shifts(printable(f"{scanner[:22]} {month}"), group)
    if len(summary.groups) > _LISTED:
        yield f"and {len(summary.groups) - _LISTED} more groups, in the page"
    yield "! moderate (0.1), !! large (0.25), ? too few recordings to tell from chance"


def _shifts(name: str, group: Group) -> str:
    cells = "".join(f"{_cell(group.shifts.get(measure)):>10}" for measure in _MEASURES)
    return f"{name[:31]:31}{group.items:6} {cells}"


def _cell(shift: Shift | None) -> str:
    if shift is None:
        return "-"
    marks = {"stable": "  ", "moderate": " !", "large": "!!", "undecided": " ?"}
    return f"{shift.index:.2f} {marks[shift.size]}"


def _failed(summary: Summary, out: Path) -> Iterator[str]:
    """The items that failed, by the names that the caller's folder gives them."""
    if not summary.failed:
        return
    yield ""
    yield "failed"
    parts = Parts(out, digest(summary.identity))
    for item, outcome, detail in summary.failed[:_LISTED]:
        end = read_end(parts.path(item)) or {}
        yield from _wrapped(f"{outcome:13}{item[:8]}  ", printable(str(end.get("file", ""))))
        yield from _wrapped(" " * 13, printable(detail))
    failed = sum(summary.outcomes.values()) - summary.outcomes[ItemOutcome.DONE.value]
    if failed > _LISTED:
        yield f"and {failed - _LISTED} more, in the page"


def _wrapped(first: str, text: str) -> Iterator[str]:
    """Text behind `first`, on as many lines as it needs."""
    width, margin = _WIDTH - len(first), " " * len(first)
    for number, line in enumerate(textwrap.wrap(text, width, drop_whitespace=False) or [""]):
        yield ((margin if number else first) + line).rstrip()
