"""What a reader must look at first: how many rows of each part failed, or are undecided."""

from __future__ import annotations

from collections.abc import Sequence

from sonoedge_export.evidence.cells import (
    Cell,
    Mark,
    NotProvided,
    Row,
    Section,
    Source,
    Table,
    Value,
)
from sonoedge_export.evidence.inputs import Inputs


def overview(sections: Sequence[Section]) -> Section:
    """A row for each part: counts of its rows, and of its cells without a value."""
    return Section(
        name="overview",
        title="Overview",
        tables=(
            Table(
                name="parts",
                title="Rows by answer",
                columns=("part", "failed", "undecided", "passed", "values not provided"),
                rows=tuple(_row(section) for section in sections),
                note="Counted over this pack; nothing is weighed against anything else.",
            ),
        ),
    )


def documents(inputs: Inputs) -> Section:
    """Every file that was read."""
    rows = []
    for file in inputs.files:
        source = Source(file="index.json", keys=(f"inputs[{file.name}]",))
        texts = (file.name, file.role, f"{file.bytes:,}", file.sha256)
        rows.append(Row(cells=tuple(Value(text=t, value=t, source=source) for t in texts)))
    return Section(
        name="documents",
        title="Documents that this pack was made from",
        tables=(
            Table(
                name="files",
                title="Files",
                columns=("file", "what it is", "bytes", "SHA-256"),
                rows=tuple(rows),
            ),
        ),
    )


def _row(section: Section) -> Row:
    source = Source(file="evidence.json", keys=(f"sections[{section.name}]",))
    marks = [row.mark for row in section.rows]
    counts: list[int | None] = [marks.count(mark) for mark in ("fail", "undecided", "pass")]
    absent = sum(isinstance(c, NotProvided) for row in section.rows for c in row.cells)
    title: Cell = Value(text=section.title, value=section.title, source=source)
    if not marks:
        return Row(cells=(title, *([NotProvided(source=source)] * 4)))
    mark: Mark = "fail" if counts[0] else "undecided" if counts[1] else ""
    return Row(
        cells=(title, *(Value(text=str(n), value=n, source=source) for n in (*counts, absent))),
        mark=mark,
    )
