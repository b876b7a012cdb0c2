"""Pictures whose grey levels alone say that nothing is shown: constant, black, saturated."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Reason
from sonoedge.guard.settings import GuardSettings

Pixels = npt.NDArray[np.uint8]
_BLACK_SHARE = 0.99  # a word or a logo on a black picture makes it no less black
# A glance takes a quarter of the sample's pixels: of those 1 % that may be bright it can
# hold up to 4 %.
_GLANCE_SHARE = 4 * (1 - _BLACK_SHARE)


def levels(picture: Pixels, settings: GuardSettings) -> Reason | None:
    """What is wrong with the grey levels, if anything.

    Args:
        picture: uint8 (H, W) or (H, W, 3).
    """
    if _plainly_fine(picture, settings):
        return None
    sample = np.ascontiguousarray(picture[::4, ::4])
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


def _plainly_fine(picture: Pixels, settings: GuardSettings) -> bool:
    """True where mean and spread of every 64th pixel rule all three out.

    Each native call finds cold caches behind an engine's call, so one call has to do for
    nearly every frame. A spread is at most half a range (Popoviciu 1935), so a wide one
    is not constant. A black picture's mean is bounded, as at most 1 % of its sample is
    bright. A saturated one's is high; a fifth is left for chance.
    """
    glance = np.ascontiguousarray(picture[::8, ::8])
    count = glance.size
    if count < 64:
        return False
    means, spreads = cv2.meanStdDev(glance.reshape(len(glance), -1))
    mean, spread = float(means[0, 0]), float(spreads[0, 0])
    # The sums behind them are whole numbers: judged by these, rounding decides nothing.
    total, squares = round(mean * count), round((mean * mean + spread * spread) * count)
    dark = settings.black_level
    return (
        4 * (count * squares - total * total) > (settings.constant_range * count) ** 2
        and (dark is None or total > (dark * (1 - _GLANCE_SHARE) + 255 * _GLANCE_SHARE) * count)
        and total < 0.8 * settings.saturated_share * settings.saturated_level * count
    )
