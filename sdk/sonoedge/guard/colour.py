"""A colour overlay, such as colour Doppler."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def coloured(sample: npt.NDArray[np.uint8], level: int) -> float:
    """Share of the pixels whose channels differ by `level` or more.

    Args:
        sample: uint8 (h, w, 3). Grey pictures that are stored as colour, and those with
            a display's tint, stay below.
    """
    blue, green, red = (np.ascontiguousarray(sample[..., i]) for i in range(3))
    high = np.maximum(np.maximum(blue, green), red)
    low = np.minimum(np.minimum(blue, green), red)
    return np.count_nonzero(high - low >= level) / high.size
