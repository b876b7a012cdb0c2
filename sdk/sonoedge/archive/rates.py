"""Rates over an archive, with intervals that know that frames of one study are alike."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

_RESAMPLES: Final = 1000
# More studies than this are put together to as many groups, which are resampled in their place.
_GROUPS: Final = 2000
_CHUNK: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Per thousand frames.

    Attributes:
        count: how many in all.
        per_1000: of a thousand frames.
        ci95: its 95 % interval; None of fewer than two studies.
    """

    count: int
    per_1000: float
    ci95: tuple[float, float] | None


class Tallies:
    """Frames, and what is counted of them, study by study: eight bytes for each but its zeros."""

    def __init__(self) -> None:
        self._frames = array("I")
        self._counts: dict[str, tuple[array[int], array[int]]] = {}

    def add(self, study: int, frames: int, counts: Mapping[str, int]) -> None:
        """One item's.

        Args:
            study: the number of its study: that of one before, or the next.
        """
        if study == len(self._frames):
            self._frames.append(0)
        self._frames[study] += frames
        for name, count in counts.items():
            indices, values = self._counts.setdefault(name, (array("I"), array("I")))
            if count:
                indices.append(study)
                values.append(count)

    @property
    def studies(self) -> int:
        """How many studies."""
        return len(self._frames)

    def rates(self) -> dict[str, Rate]:
        """Each count's rate, in the order in which they first came.

        The interval is a percentile bootstrap over studies: Davison and Hinkley, "Bootstrap
        Methods and their Application", Cambridge 1997, ch. 5. The same items give the
        same interval.
        """
        frames = np.frombuffer(self._frames, dtype=np.uint32).astype(np.float64)
        columns = np.zeros((len(self._counts), len(frames)))
        for row, (indices, values) in enumerate(self._counts.values()):
            columns[row] = np.bincount(
                np.frombuffer(indices, dtype=np.uint32),
                np.frombuffer(values, dtype=np.uint32),
                len(frames),
            )
        total = frames.sum()
        if total == 0:
            return {}
        low, high = _intervals(frames, columns)
        rates = {}
        for row, name in enumerate(self._counts):
            count = int(columns[row].sum())
            between = (float(low[row]), float(high[row])) if len(frames) > 1 else None
            rates[name] = Rate(count=count, per_1000=1000 * count / total, ci95=between)
        return rates


def _intervals(
    frames: npt.NDArray[np.float64], columns: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    rng = np.random.default_rng(0)
    if len(frames) > _GROUPS:
        group = rng.permutation(len(frames)) % _GROUPS
        columns = np.stack([np.bincount(group, row, _GROUPS) for row in columns])
        frames = np.bincount(group, frames, _GROUPS).astype(np.float64)
    drawn = []
    for _ in range(0, _RESAMPLES, _CHUNK):
        weights = rng.multinomial(len(frames), np.full(len(frames), 1 / len(frames)), size=_CHUNK)
        with np.errstate(invalid="ignore"):  # only studies without a frame were drawn
            drawn.append(1000 * (weights @ columns.T) / (weights @ frames)[:, None])
    low, high = np.nanpercentile(np.concatenate(drawn), (2.5, 97.5), axis=0)
    return low, high
