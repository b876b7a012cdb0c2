"""Laws' texture energies inside a region.

Laws 1980, "Textured image segmentation": vectors of five for level, edge, spot and ripple;
each two make a filter. Our own choice: the mean size of the answer inside the region, mirror
images averaged, in grey levels (divided by the filter's weights). LL is left out: it is the
mean. The region is halved first, to a diameter of 32 pixels: ripples of the full size are not in
a frame of half the size.
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
_WEIGHTS: Final = {name: float(np.abs(vector).sum()) for name, vector in _VECTORS.items()}
_REACH: Final = 4  # pixels of the cut that a filter reaches beyond the region


def laws(cut: Cut) -> list[float]:
    """The values of `NAMES`; 0 where the region is too thin for half the size."""
    x0, y0, x1, y1 = cut.box
    left, top = max(0, x0 - _REACH), max(0, y0 - _REACH)
    cols = (min(cut.grey.shape[1], x1 + _REACH) - left) // 2
    rows = (min(cut.grey.shape[0], y1 + _REACH) - top) // 2
    if not (cols and rows):
        return [0.0] * len(NAMES)
    around = slice(top, top + 2 * rows), slice(left, left + 2 * cols)
    grey = cv2.resize(cut.grey[around], (cols, rows), interpolation=cv2.INTER_AREA)
    mask = cut.mask[around][::2, ::2].copy()
    pixels = cv2.countNonZero(mask)
    values = []
    for first, second in NAMES:
        a, b = _VECTORS[first], _VECTORS[second]
        total = _size(grey, mask, a, b)
        if first != second:
            total = (total + _size(grey, mask, b, a)) / 2
        values.append(total / (max(pixels, 1) * _WEIGHTS[first] * _WEIGHTS[second]))
    return values


def _size(grey: Any, mask: Any, across: Any, down: Any) -> float:
    # The strongest answer is R5R5's, 128 x 255 = 32,640: it fits int16.
    answer = cv2.sepFilter2D(grey, cv2.CV_16S, across, down)
    return float(cv2.norm(answer, cv2.NORM_L1, mask))
