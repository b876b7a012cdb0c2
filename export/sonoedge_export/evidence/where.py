"""How a table tells its sources: the row by what its cells share, the column by the rest."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final

from sonoedge_export.evidence.cells import Cell, Row, Table

LONGEST: Final = 72  # characters of one file's keys in one row; cells.csv has all
_PART: Final = re.compile(r"\[[^\]]*\]|[^.\[]+")


def row_source(row: Row) -> str:
    """Each file that a row's values stand in, with the keys, or with what the keys share.

    A key that the row itself shows is not told again.
    """
    shown = {line for cell in row.cells for line in cell.text.split("\n")}
    keys: dict[str, list[str]] = {}
    for cell in row.cells:
        listed = keys.setdefault(cell.source.file, [])
        listed += [key for key in cell.source.keys if key not in listed]
    told = {file: _told([key for key in of if key not in shown]) for file, of in keys.items()}
    # A value of two files, such as a difference, stands in a row that tells each of them.
    alone = [f for f in told if "; " not in f or not set(f.split("; ")) <= told.keys()]
    files: dict[str, list[str]] = {}
    for file in alone:
        files.setdefault(told[file], []).append(file)
    return "; ".join(f"{', '.join(of)}: {t}" if t else ", ".join(of) for t, of in files.items())


def column_keys(table: Table) -> tuple[str, ...]:
    """Below each heading, the key that all values of the column have below their row's; or ""."""
    if len(table.columns) < 3:
        return ("",) * len(table.columns)
    ends: list[set[str]] = [set() for _ in table.columns]
    for row in table.rows:
        for number, cell in enumerate(row.cells):
            ends[number].add(_end(cell, row))
    return tuple(end.pop() if len(end) == 1 else "" for end in ends)


def _end(cell: Cell, row: Row) -> str:
    """What a cell's first key has beyond what it shares with others of its row."""
    if not cell.source.keys:
        return ""
    key = cell.source.keys[0]
    beside = [k for c in row.cells if c.source.file == cell.source.file for k in c.source.keys]
    shared = common([other for other in beside if _head(other) == _head(key)])
    return key[len(shared) :].lstrip(".")


def common(keys: Sequence[str]) -> str:
    """The longest beginning, in whole parts, that all keys have."""
    parts = [_PART.findall(key) for key in keys]
    if not parts:
        return ""
    shared = 0
    while all(len(p) > shared and p[shared] == parts[0][shared] for p in parts):
        shared += 1
    result = ""
    for part in parts[0][:shared]:
        result += part if part.startswith("[") or not result else f".{part}"
    return result


def _told(keys: Sequence[str]) -> str:
    heads: dict[str, list[str]] = {}
    for key in keys:
        heads.setdefault(_head(key), []).append(key)
    shared = [common(of) for of in heads.values()]
    text = ", ".join(shared)
    return text if len(text) <= LONGEST else f"{len(keys)} keys"


def _head(key: str) -> str:
    """A key's first part, with the row of a list: keys of one head are told as one."""
    parts = _PART.findall(key)
    rows = itertools.takewhile(lambda part: part.startswith("["), parts[1:])
    return "".join([*parts[:1], *rows])
