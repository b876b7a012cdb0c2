"""Pixels outside the tissue region left out: there a scanner writes who was examined."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidSource
from sonoedge.frames import Frame


def blanked(frame: Frame) -> npt.NDArray[np.uint8]:
    """A copy of a frame's pixels that is black outside its tissue region.

    Text within the region stays.

    Raises:
        InvalidSource: it has no region that can be trusted: what lies where is not guessed.
    """
    if frame.roi_px is None:
        raise InvalidSource(
            "the source has no tissue region that can be trusted, so nothing says which pixels "
            "may go: leave --blank-outside-region out, or blank them by hand"
        )
    x0, y0, x1, y1 = (max(0, edge) for edge in frame.roi_px)
    pixels = np.zeros_like(frame.pixels)
    pixels[y0:y1, x0:x1] = frame.pixels[y0:y1, x0:x1]
    return pixels
