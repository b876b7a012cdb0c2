from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sonoedge_export.evidence.cells import NotProvided, Row, Section, Source, Table, Value
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.overview import documents, overview

from .sections.documents import bench, texts

SOURCE = Source(file="f", keys=())
CELL = Value(text="x", value="x", source=SOURCE)


def section(name: str, *rows: Row) -> Section:
    tables = (Table(name="t", title="T", columns=("a",), rows=rows),) if rows else ()
    return Section(name=name, title=name, tables=tables)


def test_answers_are_counted_by_part_and_the_worst_marks_it() -> None:
    parts = [
        section("good", Row(cells=(CELL,), mark="pass")),
        section("open", Row(cells=(CELL,), mark="pass"), Row(cells=(CELL,), mark="undecided")),
        section("bad", Row(cells=(CELL,), mark="fail"), Row(cells=(CELL,), mark="undecided")),
        section("silent", Row(cells=(NotProvided(source=SOURCE),))),
        section("empty"),
    ]
    (table,) = overview(parts).tables
    assert texts(table.rows) == [
        ["good", "0", "0", "1", "0"],
        ["open", "0", "1", "1", "0"],
        ["bad", "1", "1", "0", "0"],
        ["silent", "0", "0", "0", "1"],
        ["empty", *["not provided"] * 4],
    ]
    assert [row.mark for row in table.rows] == ["", "undecided", "fail", "", ""]


def test_every_document_is_listed_with_its_digest(
    read: Callable[..., Inputs], written: Callable[[str, Any], Path]
) -> None:
    inputs = read(bench=(written("bench.json", bench()),))
    (table,) = documents(inputs).tables
    assert [row[0] for row in texts(table.rows)] == [file.name for file in inputs.files]
    assert [row[3] for row in texts(table.rows)] == [file.sha256 for file in inputs.files]
