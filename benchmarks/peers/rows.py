"""The comparison as a table: for a terminal of 80 columns, and in Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from accuracy import Tally
from roster import Absent

from sonoedge_bench.report.cells import UNKNOWN, number

Figures = Mapping[str, float | None]
# Name, head in Markdown, head at the terminal (left out there without), digits.
COLUMNS: Final = (
    ("p50", "p50", "p50", 2),
    ("p90", "p90", "", 2),
    ("p99", "p99", "p99", 2),
    ("bare", "bare engine p50", "engine", 2),
    ("around", "around it p50", "around", 2),
    ("around_p99", "p99", "", 2),
    ("cpu", "CPU", "", 1),
    ("regions", "regions", "", 0),
    ("iou", "IoU", "IoU", 3),
    ("dice", "Dice", "Dice", 3),
    ("flags", "same flags, %", "flags%", 1),
)
NAME_WIDTH: Final = 33
WIDTH: Final = 79


def figures(samples: Sequence[tuple[float, ...]], tally: Tally) -> Figures:
    """One peer's figures, by the names in `COLUMNS`.

    Args:
        samples: as `turns` gives them.
    """
    total, bare, cpu, around = np.array(samples).T
    p50, p90, p99 = np.percentile(total, (50, 90, 99))
    same = tally.flags_same
    return {
        "p50": float(p50),
        "p90": float(p90),
        "p99": float(p99),
        "bare": float(np.median(bare)),
        "around": float(np.median(around)),
        "around_p99": float(np.percentile(around, 99)),
        "cpu": float(np.median(cpu)),
        "regions": tally.regions,
        "iou": tally.iou,
        "dice": tally.dice_mean,
        "flags": None if same is None else 100 * same,
    }


def fastest_first(rows: Mapping[str, Figures]) -> list[str]:
    """Their names."""
    return sorted(rows, key=lambda name: rows[name]["p50"] or 0.0)


def terminal(rows: Mapping[str, Figures], absent: Sequence[Absent]) -> Iterator[str]:
    """Lines of at most `WIDTH` characters; not all columns fit."""
    columns = [(name, head, digits) for name, _, head, digits in COLUMNS if head]
    widths = [1 + max(5, len(head)) for _, head, _ in columns]
    heads = [head for _, head, _ in columns]
    yield " " * NAME_WIDTH + _aligned(heads, widths)
    for name in fastest_first(rows):
        first, *more = textwrap.wrap(name, NAME_WIDTH)
        cells = [number(rows[name][column], digits) for column, _, digits in columns]
        yield f"{first:<{NAME_WIDTH}}{_aligned(cells, widths)}"
        yield from (f"  {line}" for line in more)
    for each in absent:
        words = f"{each.name}: {each.why}"
        yield from textwrap.wrap(
            words, WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False
        )


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def markdown(rows: Mapping[str, Figures], absent: Sequence[Absent]) -> Iterator[str]:
    """Lines of a table with every column."""
    yield f"|  | {' | '.join(head for _, head, _, _ in COLUMNS)} |"
    yield "|---" * (len(COLUMNS) + 1) + "|"
    for name in fastest_first(rows):
        cells = [number(rows[name][column], digits) for column, _, _, digits in COLUMNS]
        yield f"| {name} | {' | '.join(cells)} |"
    for each in absent:
        cells = [UNKNOWN] * len(COLUMNS)
        yield f"| {each.name}: {each.why} | {' | '.join(cells)} |"
