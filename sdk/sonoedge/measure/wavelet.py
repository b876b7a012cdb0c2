"""Haar wavelets inside a region: how much detail there is, at two scales.

Haar 1910; the decimated transform, from the upper left corner of the region's box. Energy is
the mean size of a detail in grey levels; peakedness its mean square over the square of that:
1 where all details are alike. Both are our own choice.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from sonoedge.measure.region import Cut

_BANDS: Final = ("horizontal", "vertical", "diagonal")
NAMES: Final = tuple(
    f"{band}_{level}_{what}"
    for level in (1, 2)
    for band in _BANDS
    for what in ("energy", "peakedness")
)


def wavelet(cut: Cut) -> list[float]:
    """The values of `NAMES`; 0 where the region has no place for a detail."""
    x0, y0, x1, y1 = cut.box
    grey: Any = cut.grey[y0:y1, x0:x1].astype(np.float32)
    inside = cut.mask[y0:y1, x0:x1] > 0
    values: list[float] = []
    for _ in (1, 2):
        rows, cols = grey.shape[0] // 2 * 2, grey.shape[1] // 2 * 2
        top, bottom = grey[0:rows:2, :cols], grey[1:rows:2, :cols]
        total, fall = top + bottom, top - bottom
        left, right = total[:, ::2], total[:, 1::2]
        inside = inside[0:rows:2, :cols] & inside[1:rows:2, :cols]
        inside = inside[:, ::2] & inside[:, 1::2]
        details = np.stack(
            [fall[:, ::2] + fall[:, 1::2], left - right, fall[:, ::2] - fall[:, 1::2]]
        )
        # Taken by their places: indexing by the mask itself takes several times as long.
        places = np.flatnonzero(inside)
        values += _energies(details.reshape(3, -1).take(places, axis=1) / 4)
        grey = (left + right) / 4
    return values


def _energies(details: Any) -> list[float]:
    """Energy and peakedness of each band, of its details inside, shape (3, n)."""
    if details.shape[1] == 0:
        return [0.0] * 6
    sizes = np.abs(details).mean(axis=1, dtype=np.float64)
    squares = (details * details).mean(axis=1, dtype=np.float64)
    peaks = squares / np.maximum(sizes * sizes, 1e-9)
    return [float(v) for pair in zip(sizes, peaks, strict=True) for v in pair]
