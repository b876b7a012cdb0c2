"""An outline of whole cells, moved to where the map crosses the threshold between them."""

from __future__ import annotations

import functools

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.processing.outlines import Box, Map, Part

_EXACT = 1 << 24


def crossing(values: Map, within: Box, part: Part, level: int) -> npt.NDArray[np.float64]:
    """A part's outline at the threshold, (x, y) in cells of the whole map, shape (N, 2).

    Each cell moves down the map's slope to the crossing, by less than a cell and a half.

    Args:
        values: the whole map, uint8 (h, w), probability x 255.
        within: (x0, y0, x1, y1) of it that shows the picture; beyond it, its edge goes on.
        level: from which a cell belongs to a part.
    """
    cells = part.outline[:, 0]
    flat, width, first = _flat(values, within, part)
    # Whole numbers, in the arithmetic that all the rest is in.
    x, y = cells.T.astype(np.float32)
    at = (y * np.float32(width) + x + _around(width, first)).astype(np.intp)
    around = flat.take(at).astype(np.float32)
    # Rows: the cell itself, its left, right, above, below.
    itself, before, after = around[0], around[1::2], around[2::2]
    # The slope towards the lower neighbour: that is where the threshold is crossed.
    fall = itself - np.minimum(before, after)
    np.maximum(fall, 0, out=fall)
    fall *= np.sign(before - after)
    squares = fall * fall
    above = itself - np.float32(level - 0.5)
    fall *= above / np.maximum(squares[0] + squares[1], above * above)
    points = cells.astype(np.float64)
    points += fall.T
    return points


def _flat(values: Map, within: Box, part: Part) -> tuple[Map, int, int]:
    """Levels in one row, the width of their lines, and where in it the cell (0, 0) would be.

    Most parts keep away from the edge: their neighbours are in the map itself.
    """
    x0, y0, x1, y1 = within
    left, top, w, h = part.box
    rows, width = values.shape
    if rows * width > _EXACT:
        raise ValueError(f"a map has {rows} x {width} cells; float32 counts to {_EXACT}")
    if left > x0 and top > y0 and left + w < x1 and top + h < y1:
        return values.reshape(-1), width, 0
    inside = np.ascontiguousarray(values[y0:y1, x0:x1])
    padded = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    width = padded.shape[1]
    levels: Map = np.asarray(padded, dtype=np.uint8).reshape(-1)
    return levels, width, (1 - y0) * width + 1 - x0


@functools.lru_cache(maxsize=64)
def _around(width: int, first: int) -> npt.NDArray[np.float32]:
    """From a cell's place to its own and its four neighbours', where lines are so wide."""
    cross = (0, -1, 1, -width, width)
    return np.array([[first + step] for step in cross], dtype=np.float32)
