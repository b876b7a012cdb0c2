"""An outline of whole cells, moved to where the map crosses the threshold between them."""

from __future__ import annotations

import functools

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.outlines import Box, Map, Part


def crossing(values: Map, within: Box, part: Part, level: int) -> npt.NDArray[np.float64]:
    """A part's outline at the threshold, (x, y) in cells of the whole map, shape (N, 2).

    Each cell moves down the map's slope to the crossing, by less than a cell and a half.

    Args:
        values: the whole map, uint8 (h, w), probability x 255.
        within: (x0, y0, x1, y1) of it that shows the picture; beyond it, its edge goes on.
        level: from which a cell belongs to a part.
    """
    x, y = part.outline[:, 0, 0], part.outline[:, 0, 1]
    flat, width, at = _flat(values, within, part, x, y)
    around = flat.take(_around(width) + at).astype(np.float32)
    # Rows: the cell itself, its left, right, above, below.
    itself, before, after = around[0], around[1::2], around[2::2]
    # The slope towards the lower neighbour: that is where the threshold is crossed.
    fall = itself - np.minimum(before, after)
    np.maximum(fall, 0, out=fall)
    fall *= np.sign(before - after)
    squares = fall * fall
    above = itself - np.float32(level - 0.5)
    fall *= above / np.maximum(squares[0] + squares[1], above * above)
    moved: npt.NDArray[np.float64] = fall.T + part.outline[:, 0]
    return moved


def _flat(
    values: Map, within: Box, part: Part, x: npt.NDArray[np.int32], y: npt.NDArray[np.int32]
) -> tuple[Map, int, npt.NDArray[np.int32]]:
    """Levels in one row, the width of their lines, and where in them the outline's cells are.

    Most parts keep away from the edge: their neighbours are in the map itself.
    """
    x0, y0, x1, y1 = within
    left, top, w, h = part.box
    if left > x0 and top > y0 and left + w < x1 and top + h < y1 and values.flags.c_contiguous:
        width = values.shape[1]
        return values.reshape(-1), width, y * width + x
    inside = np.ascontiguousarray(values[y0:y1, x0:x1])
    padded = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    width = padded.shape[1]
    levels: Map = np.asarray(padded, dtype=np.uint8).reshape(-1)
    return levels, width, (y - (y0 - 1)) * width + (x - (x0 - 1))


@functools.lru_cache(maxsize=16)
def _around(width: int) -> npt.NDArray[np.intp]:
    """From a cell to itself and its four neighbours, where lines are so wide."""
    return np.array([[0], [-1], [1], [-width], [width]], dtype=np.intp)
