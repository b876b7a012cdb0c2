"""Pictures and masks of labelled frames, by the reader that analyses files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidData, SourceError
from sonoedge.sources import read_picture

# Of a mask's pixels, so many may lie between black and white: smoothed edges.
EDGE: Final = 0.02


def read_pixels(file: Path) -> npt.NDArray[np.uint8]:
    """A picture as a device gets it, uint8 (H, W), or (H, W, 3) in OpenCV's order BGR.

    Raises:
        InvalidData: `sonoedge run` would refuse the file: it is damaged, has several pages, or
            other than 8 bits per value.
    """
    try:
        return read_picture(file)
    except SourceError as error:
        raise InvalidData(str(error)) from None


def to_grey(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Grey levels of a picture, uint8 (H, W), as the device's preprocessing makes them."""
    if pixels.ndim == 2:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def read_mask(file: Path) -> npt.NDArray[np.bool_]:
    """True inside a lesion, bool (H, W).

    A mask holds 0 and 255, or 0 and 1; between 0 and 255 a few smoothed edges are taken,
    white from the middle.

    Raises:
        InvalidData: it cannot be read, or holds other values, such as numbers of classes.
    """
    levels = to_grey(read_pixels(file))
    values = np.unique(levels)
    if values[-1] <= 1:
        return np.asarray(levels == 1)
    between = float(((levels > 0) & (levels < 255)).mean())
    if values[-1] == 255 and between <= EDGE:
        return np.asarray(levels > 127)
    shown = ", ".join(str(v) for v in values[:8]) + (", ..." if len(values) > 8 else "")
    raise InvalidData(
        f"the mask {file.name} holds the values {shown}; a mask is 0 outside a lesion and 255, or "
        "1, inside: write it anew"
    )
