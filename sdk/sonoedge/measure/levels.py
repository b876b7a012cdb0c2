"""A region's grey levels with a frame of "outside" around them, ready for pairs and runs."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.int32]

# IBSI's fixed bin size from the lower end of the range: level 1 is grey 0 to 7.
BIN_BITS: Final = 3
COUNT: Final = 256 >> BIN_BITS


def padded(levels: npt.NDArray[Any], inside: npt.NDArray[np.bool_], count: int) -> Levels:
    """The levels with an outside of one column at the right, one row above and one below.

    With it each of the four directions is one stride through the flat array, and no pair
    crosses an edge.

    Args:
        levels: 0 to count - 1, shape (h, w).
        inside: shape (h, w).
        count: how many levels there are; this number itself says "outside".
    """
    rows, cols = levels.shape
    framed = np.full((rows + 2, cols + 1), count, dtype=np.int32)
    np.copyto(framed[1:-1, :-1], levels, where=inside, casting="unsafe")
    return framed


def strides(framed: Levels) -> tuple[int, int, int, int]:
    """Steps to the neighbour at 0, 135, 90 and 45 degrees, in the flat array."""
    width = framed.shape[1]
    return 1, width - 1, width, width + 1
