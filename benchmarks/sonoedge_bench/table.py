"""Rows of numbers in memory that was taken before the measurement began."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt


class Table:
    """Columns of float64 that grow a row at a time.

    Memory for `capacity` rows is written to at once: a soak that watches its own memory
    must not see its own notes grow. A row is there whole or not at all.
    """

    def __init__(self, columns: Sequence[str], capacity: int) -> None:
        self.columns = tuple(columns)
        self._values: npt.NDArray[np.float64] = np.full(
            (max(1, capacity), len(self.columns)), np.nan
        )
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, row: Mapping[str, float | None]) -> None:
        """Append a row; a column that it lacks, or that is None in it, is not known.

        Raises:
            KeyError: it has a column that the table has not.
        """
        unknown = set(row) - set(self.columns)
        if unknown:
            raise KeyError(f"no column {sorted(unknown)}")
        if self._count == len(self._values):
            extension = np.full_like(self._values, np.nan)
            self._values = np.concatenate([self._values, extension])
        for at, name in enumerate(self.columns):
            value = row.get(name)
            self._values[self._count, at] = math.nan if value is None else value
        self._count += 1

    def column(self, name: str) -> npt.NDArray[np.float64]:
        """One column's values so far, float64 (N,); NaN where not known."""
        at = self.columns.index(name)
        values: npt.NDArray[np.float64] = self._values[: self._count, at].copy()
        return values

    def known_columns(self) -> list[str]:
        """Columns with at least one known value."""
        return [n for n in self.columns if not np.isnan(self.column(n)).all()]

    def plain(self, digits: int = 4) -> dict[str, tuple[float | None, ...]]:
        """The known columns for JSON, rounded; None where a value is not known."""
        return {
            name: tuple(
                None if math.isnan(v) else round(v, digits) for v in self.column(name).tolist()
            )
            for name in self.known_columns()
        }
