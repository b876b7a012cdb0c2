"""A table of text, whatever it is shown on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """Rows of text.

    Attributes:
        note: what a reader has to know; "" where nothing.
        turns: whether rows may become columns where there is little room.
        text_columns: columns of text, besides the first; the others are numbers.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    text_columns: tuple[str, ...] = ()
    turns: bool = True
