"""An outline of whole cells, moved to where the map crosses the threshold between them."""

from __future__ import annotations

import functools

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.uint8]


class Crossing:
    """Sub-cell outlines of one map.

    After an engine has run, each different native function finds cold caches: so there
    are few of them, ufuncs alone, on arrays of one row per direction.

    Args:
        inside: uint8, shape (h, w), probability x 255.
        level: from which a cell belongs to a region.
    """

    def __init__(self, inside: Map, level: int) -> None:
        padded = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
        self._levels: npt.NDArray[np.uint8] = np.asarray(padded, dtype=np.uint8).reshape(-1)
        self._row, self._around = _around(padded.shape[1])
        self._threshold = np.float32(level - 0.5)

    def __call__(self, cells: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """Move cells, (x, y) of shape (N, 2), down the map's slope to the crossing."""
        values = self._levels.take(cells.dot(self._row) + self._around).astype(np.float32)
        # Rows: the cell itself, its left, right, above, below.
        itself, before, after = values[0], values[1::2], values[2::2]
        # The slope towards the lower neighbour: that is where the threshold is crossed.
        fall = itself - np.minimum(before, after)
        np.maximum(fall, 0, out=fall)
        fall *= np.sign(before - after)
        squares = fall * fall
        above = itself - self._threshold
        steep = np.maximum(squares[0] + squares[1], above * above)
        fall *= above / steep
        moved: npt.NDArray[np.float64] = fall.T + cells
        return moved


@functools.lru_cache(maxsize=16)
def _around(width: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.intp]]:
    """How (x, y) becomes an index of a padded map, and the offsets of a cell's cross."""
    centre = width + 1
    cross = (0, -1, 1, -width, width)
    offsets = [[centre + step] for step in cross]
    return np.array((1, width), dtype=np.int32), np.array(offsets, dtype=np.intp)
