"""Reading the kernel's one-line files: a value, or None where there is none to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path


def text(file: Path) -> str | None:
    """First line, stripped; None where it cannot be read or is empty.

    Sensors that sleep answer EAGAIN or EINVAL: they say nothing, as an absent one.
    """
    try:
        line = file.read_bytes().partition(b"\n")[0]
    except OSError:
        return None
    return line.decode(errors="replace").strip(" \0\r") or None


def number(file: Path) -> int | None:
    """The whole number that a file holds (decimal, or hexadecimal with 0x)."""
    line = text(file)
    try:
        return None if line is None else int(line, 0)
    except ValueError:
        return None


def numbered(folder: Path, pattern: str) -> Iterator[Path]:
    """The entries of a folder such as cpu0, cpu1, ..., cpu10, in the order of their numbers."""
    name = re.compile(pattern + r"(\d+)")
    try:
        entries = [(int(m[1]), p) for p in folder.iterdir() if (m := name.fullmatch(p.name))]
    except OSError:
        return
    for _, path in sorted(entries):
        yield path
