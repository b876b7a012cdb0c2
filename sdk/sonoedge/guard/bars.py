"""A test picture's vertical bars."""

from __future__ import annotations

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
    lines: npt.NDArray[np.float32] = rows.reshape(len(rows), -1).astype(np.float32)
    across = lines.mean(axis=0)
    if float(across.std()) < contrast:
        return False
    return len(rows) > 1 and float(np.abs(lines - across).mean()) <= _SAME
