"""The samples of two runs, frame beside frame where both have seen it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two runs that are compared."""

    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Of one figure, in the order of time; of the same frames in the same order where `paired`."""

    before: list[float]
    after: list[float]
    paired: bool

    @property
    def median_before(self) -> float:
        """Of the frames that are compared."""
        return round(float(np.median(self.before)), 4)

    @property
    def median_after(self) -> float:
        """Of the frames that are compared."""
        return round(float(np.median(self.after)), 4)


def samples_of(pair: Pair, figure: str, same_frames: bool) -> Samples | None:
    """The two runs' samples, or None where one of them has no such figure.

    They are paired where both runs were shown the same frames in the same order and at
    least nine tenths of the frames of the shorter one are in both.
    """
    one, other = _by_number(pair.before, figure), _by_number(pair.after, figure)
    if not one or not other:
        return None
    both = sorted(one.keys() & other.keys())
    if same_frames and len(both) >= 0.9 * min(len(one), len(other)):
        return Samples(before=[one[n] for n in both], after=[other[n] for n in both], paired=True)
    return Samples(before=list(one.values()), after=list(other.values()), paired=False)


def _by_number(run: Mapping[str, Any], figure: str) -> dict[int, float]:
    samples = run["samples"]
    values, numbers = samples.get(figure), samples.get("number")
    if not isinstance(values, list) or not isinstance(numbers, list):
        return {}
    return {
        int(n): float(v)
        for n, v in zip(numbers, values, strict=False)
        if isinstance(v, int | float) and isinstance(n, int | float)
    }
