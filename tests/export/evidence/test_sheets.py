from __future__ import annotations

import csv
import io

import pytest

from sonoedge_export.evidence.cells import (
    Cell,
    NotProvided,
    Row,
    Section,
    Source,
    Table,
    TooFew,
    Value,
)
from sonoedge_export.evidence.sheets import CELL_COLUMNS, sheets

SOURCE = Source(file="f.json", keys=("a", "b"))


def section(*cells: Cell) -> Section:
    columns = tuple(f"c{n}" for n in range(len(cells)))
    table = Table(name="t", title="T", columns=columns, rows=(Row(cells=cells),))
    empty = Table(name="e", title="E", columns=("c",), rows=())
    return Section(name="s", title="S", tables=(table, empty))


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_every_cell_has_a_line_with_its_state_file_and_keys() -> None:
    cells = (
        Value(text="0.5", value=0.5, source=SOURCE, detail="n = 31"),
        NotProvided(source=SOURCE),
        TooFew(count=3, source=SOURCE),
    )
    content = dict(sheets([section(*cells)]))
    assert set(content) == {"cells.csv", "csv/s-t.csv"}
    head, *lines = rows(content["cells.csv"])
    assert head == list(CELL_COLUMNS)
    assert lines == [
        ["s", "t", "1", "c0", "value", "0.5", "n = 31", "f.json", "a | b"],
        ["s", "t", "1", "c1", "not provided", "not provided", "", "f.json", "a | b"],
        ["s", "t", "1", "c2", "too few", "too few", "n = 3", "f.json", "a | b"],
    ]
    assert rows(content["csv/s-t.csv"])[1][:3] == [
        "0.5 (n = 31)",
        "not provided",
        "too few (n = 3)",
    ]


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd", "-cmd", "\tx"])
def test_no_text_is_a_formula_to_a_spreadsheet(text: str) -> None:
    content = dict(sheets([section(Value(text=text, value=text, source=SOURCE))]))
    assert rows(content["csv/s-t.csv"])[1][0] == f"'{text}"


@pytest.mark.parametrize("text", ["-0.5", "+0.0150", "a=b", "-.5"])
def test_numbers_stay_numbers(text: str) -> None:
    content = dict(sheets([section(Value(text=text, value=text, source=SOURCE))]))
    assert rows(content["csv/s-t.csv"])[1][0] == text
