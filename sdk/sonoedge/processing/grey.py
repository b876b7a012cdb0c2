"""How bright a network's input is: a small sample of it, cheap enough for every frame."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy.typing as npt

from sonoedge.analysis import GreyLevels

_STEP: Final = 4  # every fourth row and column: some microseconds of an input of 256 x 256


def grey_levels(tensor: npt.NDArray[Any]) -> GreyLevels:
    """The levels of an input, uint8 (1, 1, H, W), padding included: what the network sees."""
    mean, deviation = cv2.meanStdDev(tensor[0, 0, ::_STEP, ::_STEP].copy())
    return GreyLevels(float(mean[0, 0]), float(deviation[0, 0]))
