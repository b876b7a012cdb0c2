"""Laws' texture energies inside a region.

Laws 1980, "Textured image segmentation": vectors of five for level, edge, spot and ripple;
each two make a filter. Our own choice: the mean size of the answer inside the region, mirror
images averaged, in grey levels (divided by the filter's weights). LL is left out: it is the
mean.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np

from sonoedge.measure.region import Cut

NAMES: Final = ("ee", "ss", "rr", "le", "ls", "lr", "es", "er", "sr")

_VECTORS: Final = {
    "l": np.array([1, 4, 6, 4, 1], dtype=np.float32),
    "e": np.array([-1, -2, 0, 2, 1], dtype=np.float32),
    "s": np.array([-1, 0, 2, 0, -1], dtype=np.float32),
    "r": np.array([1, -4, 6, -4, 1], dtype=np.float32),
}
_HALF: Final = 2  # a filter reaches so far


def laws(cut: Cut) -> list[float]:
    """The values of `NAMES`."""
    x0, y0, x1, y1 = cut.box
    around = slice(max(0, y0 - _HALF), y1 + _HALF), slice(max(0, x0 - _HALF), x1 + _HALF)
    grey, mask = cut.grey[around], cut.mask[around]
    values = []
    for first, second in NAMES:
        a, b = _VECTORS[first], _VECTORS[second]
        total = _size(grey, mask, a, b)
        if first != second:
            total = (total + _size(grey, mask, b, a)) / 2
        values.append(total / (cut.pixels * float(np.abs(a).sum() * np.abs(b).sum())))
    return values


def _size(grey: Any, mask: Any, across: Any, down: Any) -> float:
    # The strongest answer is R5R5's, 128 x 255 = 32,640: it fits int16.
    answer = cv2.sepFilter2D(grey, cv2.CV_16S, across, down)
    return float(cv2.norm(answer, cv2.NORM_L1, mask))
