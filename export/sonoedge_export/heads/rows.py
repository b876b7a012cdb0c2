"""Measured regions as arrays: what heads are fitted on, chosen by and judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
LAST = -1.0  # the score of a lesion that no region found: below every probability


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Regions of labelled frames, one row each.

    Attributes:
        measures: float32 (n, N), the embedding of the frame behind them where a head is told it;
            zeros where `found` is false.
        found: bool (n,); false for a frame whose lesion no region could be measured for.
        malignant: bool (n,); the others are benign.
        suspicion: float64 (n,), the network's for the region; 0 where nothing was found.
        patients: text (n,); frames of nobody known are patients of their own.
        frames: int64 (n,), which of the frames.
        names: of the N measures.
    """

    measures: npt.NDArray[np.float32]
    found: Flags
    malignant: Flags
    suspicion: Floats
    patients: npt.NDArray[np.str_]
    frames: npt.NDArray[np.int64]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.found)

    def take(self, indices: npt.NDArray[np.int64] | Flags) -> Rows:
        """Some of the rows."""
        return Rows(
            measures=self.measures[indices],
            found=self.found[indices],
            malignant=self.malignant[indices],
            suspicion=self.suspicion[indices],
            patients=self.patients[indices],
            frames=self.frames[indices],
            names=self.names,
        )

    def columns(self, names: tuple[str, ...]) -> Rows:
        """The rows with these measures alone, in this order."""
        at = [self.names.index(name) for name in names]
        return Rows(
            measures=np.ascontiguousarray(self.measures[:, at]),
            found=self.found,
            malignant=self.malignant,
            suspicion=self.suspicion,
            patients=self.patients,
            frames=self.frames,
            names=names,
        )

    def scores(self, of_found: Floats) -> Floats:
        """A score per row: those of the found ones, and `LAST` for a lesion that was missed."""
        scores = np.full(len(self), LAST)
        scores[self.found] = of_found
        return scores
