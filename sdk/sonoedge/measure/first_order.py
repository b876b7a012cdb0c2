"""First-order statistics of the grey levels inside a region, as IBSI 1 defines them.

Zwanenburg et al. 2020, Radiology 295:328; section 3.3 of its reference manual, and the
entropy of its section 3.4. A region of one level has no deviation: what divides by it is 0.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

NAMES: Final = (
    "mean",
    "variance",
    "skewness",
    "kurtosis",
    "median",
    "minimum",
    "p10",
    "p90",
    "maximum",
    "interquartile_range",
    "range",
    "mean_absolute_deviation",
    "robust_mean_absolute_deviation",
    "median_absolute_deviation",
    "coefficient_of_variation",
    "quartile_dispersion",
    "energy",
    "root_mean_square",
    "entropy",
)

_LEVELS: Final = np.arange(256, dtype=np.float64)
_SHARES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)


def first_order(levels: npt.NDArray[np.uint8]) -> list[float]:
    """The values of `NAMES`.

    Args:
        levels: the grey levels inside the region, uint8, shape (n,), n > 0.
    """
    count = np.bincount(levels, minlength=256)
    total = int(levels.size)
    share = count / total
    below = np.cumsum(count)
    # The smallest level that so many lie at or below: not numpy's interpolation.
    wanted = [math.ceil(s * total - 1e-9) for s in _SHARES]
    p10, p25, median, p75, p90 = (float(k) for k in np.searchsorted(below, wanted))
    present = np.flatnonzero(count)
    low, high = float(present[0]), float(present[-1])
    mean = float(share @ _LEVELS)
    centred = _LEVELS - mean
    squares = centred * centred
    variance = float(share @ squares)
    third, fourth = float(share @ (squares * centred)), float(share @ (squares * squares))
    flat = low == high
    mean_square = float(share @ (_LEVELS * _LEVELS))
    some = share[present]
    return [
        mean,
        variance,
        0.0 if flat else third / variance**1.5,
        0.0 if flat else fourth / variance**2 - 3.0,
        median,
        low,
        p10,
        p90,
        high,
        p75 - p25,
        high - low,
        float(share @ np.abs(centred)),
        _robust_deviation(share, int(p10), int(p90)),
        float(share @ np.abs(_LEVELS - median)),
        math.sqrt(variance) / mean if mean > 0 else 0.0,
        (p75 - p25) / (p75 + p25) if p75 + p25 > 0 else 0.0,
        mean_square * total,
        math.sqrt(mean_square),
        max(0.0, -float(some @ np.log2(some))),
    ]


def _robust_deviation(share: npt.NDArray[Any], p10: int, p90: int) -> float:
    """Mean absolute deviation of the levels from p10 to p90, from their own mean."""
    part, levels = share[p10 : p90 + 1], _LEVELS[p10 : p90 + 1]
    weight = float(part.sum())
    mean = float(part @ levels) / weight
    return float(part @ np.abs(levels - mean)) / weight
