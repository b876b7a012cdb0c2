"""What a table holds: values with their sources, and what is not provided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

NOT_PROVIDED = "not provided"
TOO_FEW = "too few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a value stands.

    Attributes:
        file: name of a document; of an input, or of a file within the bundle.
        keys: in the document; several where an interval or a count belongs to the value.
    """

    file: str
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {', '.join(self.keys)}" if self.keys else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value that a document holds.

    Attributes:
        text: as it is shown.
        value: as the document has it.
        detail: interval and count, shown beside it; "" without.
    """

    text: str
    value: Any
    source: Source
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotProvided:
    """A value that no document holds.

    Attributes:
        source: where it would stand.
    """

    source: Source

    @property
    def text(self) -> str:
        """The words in its place."""
        return NOT_PROVIDED

    @property
    def detail(self) -> str:
        """Nothing more."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TooFew:
    """A figure of so few samples that it would mislead; the document holds it all the same.

    Attributes:
        count: the samples.
    """

    count: int
    source: Source

    @property
    def text(self) -> str:
        """The words in its place."""
        return TOO_FEW

    @property
    def detail(self) -> str:
        """How few."""
        return f"n = {self.count}"


Cell: TypeAlias = Value | NotProvided | TooFew
# What a row asks of its reader; each is also a word in one of the row's cells.
Mark = Literal["", "pass", "undecided", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table; as many cells as the table has columns."""

    cells: tuple[Cell, ...]
    mark: Mark = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of one kind.

    Attributes:
        name: a part of a file's name.
        note: how to read it; it holds no result.
        empty: what is said in place of no rows; "none" where a document says that there is none.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""
    empty: str = NOT_PROVIDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One chapter of the pack.

    Attributes:
        name: a part of a file's name, and the anchor on the page.
        absent: what an empty section lacks, such as the option that gives its document.
    """

    name: str
    title: str
    tables: tuple[Table, ...]
    absent: str = ""

    @property
    def rows(self) -> Iterator[Row]:
        """The rows of all its tables."""
        return (row for table in self.tables for row in table.rows)


def facts(
    name: str,
    title: str,
    rows: Sequence[tuple[str, Cell]],
    note: str = "",
    marks: Mapping[str, Mark] | None = None,
) -> Table:
    """A table of names and values; what a name stands for is told by its value's source.

    Args:
        marks: of rows, by their names.
    """
    marked = marks or {}
    return Table(
        name=name,
        title=title,
        columns=("item", "value"),
        rows=tuple(
            Row(cells=(label(text, cell.source), cell), mark=marked.get(text, ""))
            for text, cell in rows
        ),
        note=note,
    )


def label(text: str, source: Source) -> Value:
    """A heading of a row, which is told by where the row's values stand."""
    return Value(text=text, value=text, source=source)
