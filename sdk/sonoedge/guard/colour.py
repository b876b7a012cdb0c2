"""A colour overlay, such as colour Doppler."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def coloured(picture: npt.NDArray[np.uint8], level: int) -> float:
    """Share of a sample's pixels whose channels differ by `level` or more.

    Args:
        picture: uint8 (H, W, 3). Grey pictures that are stored as colour, and those with
            a display's tint, stay below.
    """
    sample = picture[::8, ::8]
    planes: npt.NDArray[np.uint8] = np.ascontiguousarray(sample.transpose(2, 0, 1))
    blue, green, red = planes[0], planes[1], planes[2]
    high = np.maximum(np.maximum(blue, green), red)
    low = np.minimum(np.minimum(blue, green), red)
    share: float = np.count_nonzero(high - low >= level) / high.size
    return share
