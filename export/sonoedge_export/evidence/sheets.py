"""The pack's tables as CSV (RFC 4180): one for each table, and one of all cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sonoedge_export.evidence.cells import Cell, NotProvided, Section, Table, TooFew
from sonoedge_export.evidence.where import row_source

# What a spreadsheet would run as a formula (CWE-1236); numbers may begin with a sign.
_FORMULA: Final = re.compile(r"[=@\t\r]|[+-](?![\d.])")
CELL_COLUMNS: Final = (
    "section",
    "table",
    "row",
    "column",
    "state",
    "text",
    "detail",
    "file",
    "keys",
)


def sheets(sections: Sequence[Section]) -> Iterator[tuple[str, str]]:
    """Name and text of each file."""
    yield "cells.csv", _text(CELL_COLUMNS, _cells(sections))
    for section in sections:
        for table in section.tables:
            if table.rows:
                yield f"csv/{section.name}-{table.name}.csv", _text(*_table(table))


def state(cell: Cell) -> str:
    """What a cell is, for machines."""
    if isinstance(cell, NotProvided):
        return "not provided"
    return "too few" if isinstance(cell, TooFew) else "value"


def _table(table: Table) -> tuple[Sequence[str], Iterator[Sequence[str]]]:
    rows = (
        [_with_detail(cell) for cell in row.cells] + [row.mark, row_source(row)]
        for row in table.rows
    )
    return [*table.columns, "mark", "source"], rows


def _with_detail(cell: Cell) -> str:
    return f"{cell.text} ({cell.detail})" if cell.detail else cell.text


def _cells(sections: Sequence[Section]) -> Iterator[Sequence[str]]:
    for section in sections:
        for table in section.tables:
            for number, row in enumerate(table.rows, 1):
                for column, cell in zip(table.columns, row.cells, strict=True):
                    place = (section.name, table.name, str(number), column)
                    keys = " | ".join(cell.source.keys)
                    what = (state(cell), cell.text, cell.detail)
                    yield (*place, *what, cell.source.file, keys)


def _text(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_harmless(text) for text in row] for row in rows)
    return out.getvalue()


def _harmless(text: str) -> str:
    """Text that a spreadsheet shows and does not run."""
    return f"'{text}" if _FORMULA.match(text) else text
