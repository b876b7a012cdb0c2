"""A document on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sonoedge_bench.document import Document
from sonoedge_bench.report.facts import facts, target_lines
from sonoedge_bench.report.hints import hints
from sonoedge_bench.report.tables import tables
from sonoedge_bench.report.text_table import TextTable


def print_document(document: Document, to: Console) -> None:
    """Facts, tables, hints, and what is to be said of the target."""
    head = Table.grid(padding=(0, 2))
    head.add_column(style="dim", no_wrap=True)
    head.add_column(overflow="fold")
    for name, text in facts(document):
        is_warning = name.isupper() or name.startswith("left out")
        head.add_row(name, escape(text), style="bold yellow" if is_warning else None)
    to.print(head)
    for table in tables(document):
        print_table(table, to)
    lines = hints(document)
    if lines:
        to.print()
    for line in lines:
        to.print(line, style="yellow", markup=False)
    for line in target_lines(document):
        is_bad = "NOT figures" in line or "MISSED" in line or "not known" in line
        to.print(line, style="bold red" if is_bad else None, markup=False)


def print_table(table: TextTable, to: Console) -> None:
    """An empty line, and the table in the widest form that fits.

    Where even headings of several lines do not make it fit, rows become columns, as many
    side by side as there is room for.
    """
    to.print()
    for candidate in (_rich(table), _rich(table, narrow=True)):
        if _fits(candidate, to):
            to.print(candidate)
            return
    if not table.turns:
        to.print(candidate)
        return
    for candidate in _transposed(table, to):
        to.print(candidate)


def _fits(table: Table, to: Console) -> bool:
    return to.measure(table, options=to.options.update(max_width=10_000)).maximum <= to.width


def _rich(table: TextTable, *, narrow: bool = False) -> Table:
    """The first column is text, the others are numbers unless the table says otherwise."""
    result = _empty(table, table.title, table.note, padding=1 if narrow else 2)
    for at, name in enumerate(table.head):
        is_text = at == 0 or name in table.text_columns
        result.add_column(
            name.replace(" ", "\n") if narrow else name,
            justify="left" if is_text else "right",
            no_wrap=at == 0,
            overflow="fold",
        )
    for first, *cells in table.rows:
        result.add_row(escape(_broken(first) if narrow else first), *map(escape, cells))
    return result


def _transposed(table: TextTable, to: Console) -> Iterator[Table]:
    """The same with a line per column, in parts that are narrow enough."""
    rows = list(table.rows)
    title = table.title
    while rows:
        count = len(rows)
        while count > 1 and not _fits(_part(table, rows[:count], title, ""), to):
            count -= 1
        rows, part = rows[count:], rows[:count]
        yield _part(table, part, title, "" if rows else table.note)
        title = ""


def _part(table: TextTable, rows: Sequence[tuple[str, ...]], title: str, note: str) -> Table:
    result = _empty(table, title, note, padding=2)
    result.add_column(table.head[0], no_wrap=True)
    for row in rows:
        result.add_column(escape(_broken(row[0])), justify="right", overflow="fold")
    for at in range(1, len(table.head)):
        result.add_row(_qualified(table.head, at), *(escape(row[at]) for row in rows))
    return result


def _qualified(head: Sequence[str], at: int) -> str:
    """A heading that means something without its left neighbour: "p99" after "engine p50"."""
    name = head[at]
    if head.count(name) == 1:
        return name
    before = next((h for h in reversed(head[:at]) if h.endswith(" p50")), "")
    return f"{before.removesuffix(' p50')} {name}".strip()


def _empty(table: TextTable, title: str, note: str, *, padding: int) -> Table:
    return Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        caption=escape(note) or None,
        caption_justify="left",
        caption_style="dim",
        box=None,
        header_style="bold cyan",
        pad_edge=False,
        padding=(0, padding, 0, 0),
    )


def _broken(name: str) -> str:
    """An engine's name in two lines."""
    indent = "  " if name.startswith(("* ", "  ")) else ""
    return name.replace(", ", f"\n{indent}", 1)
