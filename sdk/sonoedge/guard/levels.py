"""Pictures whose grey levels alone say that nothing is shown: constant, black, saturated."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Reason
from sonoedge.guard.settings import GuardSettings

Pixels = npt.NDArray[np.uint8]
_BLACK_SHARE = 0.99  # a word or a logo on a black picture makes it no less black


def levels(picture: Pixels, sample: Pixels, settings: GuardSettings) -> Reason | None:
    """What is wrong with the grey levels, if anything.

    Args:
        picture: uint8 (H, W) or (H, W, 3).
        sample: every fourth pixel of it, each way.
    """
    # A sample tells nearly always; only a sample that looks constant asks for every pixel.
    darkest, brightest = int(sample.min()), int(sample.max())
    if brightest - darkest <= settings.constant_range:
        low, high, _, _ = cv2.minMaxLoc(np.ascontiguousarray(picture).reshape(-1, 1))
        if high - low <= settings.constant_range:
            return Reason.CONSTANT
    if settings.black_level is not None and darkest <= settings.black_level:
        dark = np.count_nonzero(sample <= settings.black_level)
        if dark >= _BLACK_SHARE * sample.size:
            return Reason.BLACK
    if brightest < settings.saturated_level:
        return None
    bright = np.count_nonzero(sample >= settings.saturated_level)
    if bright >= settings.saturated_share * sample.size:
        return Reason.SATURATED
    return None
