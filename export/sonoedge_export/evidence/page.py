"""The pack as one HTML file: no network, no script; it prints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import Final

from sonoedge_export.evidence.cells import Cell, NotProvided, Row, Section, Table, TooFew
from sonoedge_export.evidence.where import column_keys, row_source

HEADING: Final = (
    "For research and engineering. This pack supports a manufacturer's own files; it claims "
    "conformity with no regulation and no standard, and no fitness for diagnosis."
)
SHORT: Final = 14  # rows that are printed on one page
_CODE: Final = re.compile(r"[0-9a-f]{64}|[\w./-]+\.py::\w+|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
_NUMBER: Final = re.compile(r"[+-]?[\d,.]+( %| ms)?")


def html_text(title: str, made: str, sections: Sequence[Section]) -> str:
    """The text of the file.

    Args:
        title: the bundle's id.
        made: when, or "".
    """
    style = (files("sonoedge_export.evidence") / "page.css").read_text(encoding="utf-8")
    name = f"Evidence: {title}"
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(name)}</title><style>{style}</style></head><body>",
            f"<header><h1>{escape(name)}</h1><p class='claim'>{escape(HEADING)}</p>",
            f"<p class='note'>Made {escape(made)} by sonoedge evidence. Every value has its "
            "file and key: the row's in the last column, the column's below its heading; those of "
            "each cell are in cells.csv and evidence.json. What no document holds is "
            "<em>not provided</em>.</p></header>",
            *_contents(sections),
            *(part for number, s in enumerate(sections, 1) for part in _section(number, s)),
            f"<footer>{escape(HEADING)}</footer></body></html>\n",
        ]
    )


def _contents(sections: Sequence[Section]) -> Iterator[str]:
    yield "<nav><h2>Contents</h2><ol>"
    for section in sections:
        absent = "" if _filled(section) else " <em>not provided</em>"
        yield f'<li><a href="#{escape(section.name)}">{escape(section.title)}</a>{absent}</li>'
    yield "</ol></nav>"


def _section(number: int, section: Section) -> Iterator[str]:
    yield f'<section id="{escape(section.name)}"><h2>{number}. {escape(section.title)}</h2>'
    if not _filled(section):
        yield f"<p><em>not provided</em>: {escape(section.absent or 'no document holds it')}</p>"
    for table in section.tables:
        yield from _table(table)
    yield "</section>"


def _filled(section: Section) -> bool:
    return any(table.rows for table in section.tables)


def _table(table: Table) -> Iterator[str]:
    yield f"<h3>{escape(table.title)}</h3>"
    if not table.rows:
        yield f"<p><em>{escape(table.empty)}</em></p>"
        return
    facts = " facts" if len(table.columns) == 2 else ""
    short = " short" if len(table.rows) <= SHORT else ""
    yield f'<div class="wide{short}"><table class="t-{len(table.columns)}{facts}"><thead><tr>'
    for heading, key in zip(table.columns, column_keys(table), strict=True):
        below = f"<code>{_breakable(key)}</code>" if key else ""
        yield f'<th scope="col">{escape(heading)}{below}</th>'
    yield '<th scope="col" class="source">source</th></tr></thead><tbody>'
    for row in table.rows:
        yield from _row(row)
    yield "</tbody></table></div>"
    if table.note:
        yield f"<p class='note'>{escape(table.note)}</p>"


def _row(row: Row) -> Iterator[str]:
    yield f'<tr class="{row.mark}">' if row.mark else "<tr>"
    for cell in row.cells:
        yield _cell(cell)
    yield f'<td class="source"><code>{_breakable(row_source(row))}</code></td></tr>'


def _cell(cell: Cell) -> str:
    title = f' title="{escape(str(cell.source))}"'
    if isinstance(cell, NotProvided):
        return f"<td{title}><em>{escape(cell.text)}</em></td>"
    lines = [_line(line) for line in cell.text.split("\n")]
    text = lines[0] if len(lines) == 1 else "".join(f"<div>{line}</div>" for line in lines)
    if isinstance(cell, TooFew):
        text = f"<em>{text}</em>"
    style = ' class="number"' if _NUMBER.fullmatch(cell.text) else ""
    detail = "".join(f"<small>{escape(part)}</small>" for part in cell.detail.split("; ") if part)
    return f"<td{style}{title}>{text}{detail}</td>"


def _line(text: str) -> str:
    """A line of a cell; digests and names of tests stand as code, which may break anywhere."""
    return f"<code>{_breakable(text)}</code>" if _CODE.fullmatch(text) else escape(text)


def _breakable(text: str) -> str:
    """Long keys may break at their dots and brackets."""
    return escape(re.sub(r"([.\[/_])", "\u200b\\1", text)).replace("\u200b", "<wbr>")
