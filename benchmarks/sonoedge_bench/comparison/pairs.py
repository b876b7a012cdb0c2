"""The samples of two runs, frame beside frame where both have seen it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sonoedge_bench.document.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two runs that are compared."""

    name: str
    before: Run
    after: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Of one figure, in the order of time; of the same frames in the same order where `paired`."""

    before: Sequence[float]
    after: Sequence[float]
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

    They are paired where both runs were given the same frames in the same order and at
    least nine tenths of the frames of the shorter one are in both.
    """
    before, after = _by_number(pair.before, figure), _by_number(pair.after, figure)
    if not before or not after:
        return None
    common = sorted(before.keys() & after.keys())
    if same_frames and len(common) >= 0.9 * min(len(before), len(after)):
        return Samples(
            before=[before[n] for n in common], after=[after[n] for n in common], paired=True
        )
    return Samples(before=list(before.values()), after=list(after.values()), paired=False)


def _by_number(run: Run, figure: str) -> dict[int, float]:
    numbers, values = run.samples.get("number", ()), run.samples.get(figure, ())
    return {
        int(n): v for n, v in zip(numbers, values, strict=False) if v is not None and n is not None
    }
