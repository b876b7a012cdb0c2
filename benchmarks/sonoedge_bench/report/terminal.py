"""A document on the terminal."""

from __future__ import annotations

import sys
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sonoedge_bench.document import Document
from sonoedge_bench.report.facts import facts, target_lines
from sonoedge_bench.report.tables import tables
from sonoedge_bench.report.text_table import TextTable

WIDTH: Final = 150  # of what is no terminal: a file or a pipe has no edge to wrap at


def console() -> Console:
    """Where tables are printed."""
    width = None if sys.stdout.isatty() else WIDTH
    return Console(file=sys.stdout, width=width, highlight=False)


def print_document(document: Document, to: Console) -> None:
    """Facts, tables, and what is to be said of the target."""
    head = Table.grid(padding=(0, 2))
    head.add_column(style="dim", no_wrap=True)
    head.add_column(overflow="fold")
    for name, text in facts(document):
        loud = name.isupper() or name.startswith("left out")
        head.add_row(name, escape(text), style="bold yellow" if loud else None)
    to.print(head)
    for each in tables(document):
        print_table(each, to)
    for line in target_lines(document):
        bad = "NOT figures" in line or "MISSED" in line or "not known" in line
        to.print(line, style="bold red" if bad else None, markup=False)


def print_table(text: TextTable, to: Console) -> None:
    """An empty line, and the table; where it is too wide, names take more lines."""
    made = rich_table(text)
    if to.measure(made, options=to.options.update(max_width=10_000)).maximum > to.width:
        made = rich_table(text, narrow=True)
    to.print()
    to.print(made)


def rich_table(text: TextTable, *, narrow: bool = False) -> Table:
    """One table; the first column is text, the others are numbers."""
    made = Table(
        title=text.title,
        title_justify="left",
        title_style="bold",
        caption=escape(text.note) or None,
        caption_justify="left",
        caption_style="dim",
        box=None,
        header_style="bold cyan",
        pad_edge=False,
        padding=(0, 1 if narrow else 2, 0, 0),
    )
    for at, name in enumerate(text.head):
        made.add_column(
            name.replace(" ", "\n") if narrow else name,
            justify="left" if at == 0 or name in text.text_columns else "right",
            no_wrap=at == 0,
            overflow="fold",
        )
    for first, *others in text.rows:
        indent = "  " if first.startswith(("* ", "  ")) else ""
        shown = first.replace(", ", f"\n{indent}", 1) if narrow else first
        made.add_row(escape(shown), *(escape(cell) for cell in others))
    return made
