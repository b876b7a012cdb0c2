"""A document on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from sonoedge_bench.report.facts import facts, target_lines
from sonoedge_bench.report.tables import TextTable, tables

WIDTH: Final = 150  # of what is no terminal: a file or a pipe has no edge to wrap at


def console() -> Console:
    """Where tables are printed."""
    width = None if sys.stdout.isatty() else WIDTH
    return Console(file=sys.stdout, width=width, highlight=False)


def print_document(document: Mapping[str, Any], to: Console) -> None:
    """Facts, tables, and what is to be said of the target."""
    head = Table.grid(padding=(0, 2))
    head.add_column(style="dim", no_wrap=True)
    head.add_column(overflow="fold")
    for name, text in facts(document):
        loud = name.startswith(("NOT", "left out")) or (name == "throttling" and " " not in text)
        head.add_row(name, text, style="bold yellow" if loud else None)
    to.print(head)
    for each in tables(document):
        to.print()
        to.print(rich_table(each))
    to.print()
    for line in target_lines(document):
        bad = "NOT figures" in line or "MISSED" in line or "not known" in line
        to.print(line, style="bold red" if bad else None, markup=False)


def rich_table(text: TextTable) -> Table:
    """One table; the first column is text, the others are numbers."""
    made = Table(
        title=text.title,
        title_justify="left",
        title_style="bold",
        caption=text.note or None,
        caption_justify="left",
        caption_style="dim",
        box=None,
        header_style="bold cyan",
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for at, name in enumerate(text.head):
        made.add_column(name, justify="left" if at == 0 else "right", overflow="fold")
    for row in text.rows:
        made.add_row(*row)
    return made
