"""A test picture's vertical bars."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

_EVERY = 4  # pixels, each way: a sample does
_UPPER = 0.6  # test pictures keep other fields below
_ROWS = 12
_SAME = 6.0  # grey levels: noise of a grabber, soft edges


def bars(picture: npt.NDArray[np.uint8], contrast: float) -> bool:
    """True where a picture changes across its width and not with depth.

    No echo picture does so: attenuation and tissue change with depth in every one.

    Args:
        picture: uint8 (H, W) or (H, W, 3).
        contrast: standard deviation across, in grey levels, from which it is a test picture.
    """
    sample = picture[::_EVERY, ::_EVERY]
    upper = max(1, round(len(sample) * _UPPER))
    # Two rows tell nearly always.
    top = sample[0]
    if cv2.norm(top, sample[upper // 2], cv2.NORM_L1) > 2 * _SAME * top.size:
        return False
    rows = sample[: upper : max(1, upper // _ROWS)]
    # Means stay sums, whole numbers: any order of adding gives the same.
    lines: npt.NDArray[np.int64] = rows.reshape(len(rows), -1).astype(np.int64)
    count, width = lines.shape
    across: npt.NDArray[np.int64] = lines.sum(axis=0)
    spread = width * int((across * across).sum()) - int(across.sum()) ** 2
    if math.sqrt(spread) < contrast * count * width:
        return False
    along = int(np.abs(count * lines - across).sum())
    return bool(count > 1 and along <= _SAME * count * count * width)
