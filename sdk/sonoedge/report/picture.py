"""One frame of the picture series: the frame, its regions, and a bar that says what they are.

It is read in a hospital's viewer, years later and without its source beside it: the notice, the
frame's number and what made it are drawn in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Analysed, Analysis
from sonoedge.frames import Frame
from sonoedge.outputs.overlay.regions import draw_regions, unnamed
from sonoedge.outputs.overlay.result_bar import draw_result_bar
from sonoedge.outputs.overlay.style import Picture
from sonoedge.processing.blanking import blanked
from sonoedge.processing.geometry import pixel_aspect
from sonoedge.report.codes import NOTICE

NARROWEST_PX: Final = 640  # the bar's words need so much
LARGEST_PX: Final = 1600
_LONGEST: Final = 10.0  # a pixel's sides


def draw_picture(
    frame: Frame, analysis: Analysis, *, number: int, frames: int, maker: str, blank: bool = False
) -> Picture:
    """The picture of one frame, uint8 (H, W, 3) BGR, H and W even; it belongs to the caller.

    Args:
        frame: its pixels are read only.
        analysis: of this frame.
        number, frames: which frame of how many, from 1.
        maker: what analysed, for the bar.
        blank: leave out what lies outside the frame's tissue region.

    Raises:
        InvalidSource: `blank` is asked of a frame without a trusted tissue region.
    """
    pixels = blanked(frame) if blank else frame.pixels
    picture, scale = _sized(pixels, pixel_aspect(frame.spacing_mm, frame.pixel_aspect))
    if isinstance(analysis, Analysed):
        draw_regions(picture, [unnamed(region) for region in analysis.regions], scale)
    height, width = picture.shape[:2]
    side = max(0, NARROWEST_PX - width)
    left, full = side // 2, width + side + (width + side) % 2
    count = f"frame {number} of {frames}"
    bar = draw_result_bar(analysis, number=count, maker=maker, notice=NOTICE, width=full)
    whole = np.zeros((height + len(bar) + (height + len(bar)) % 2, full, 3), dtype=np.uint8)
    whole[:height, left : left + width] = picture
    whole[len(whole) - len(bar) :] = bar
    return whole


def _sized(pixels: npt.NDArray[np.uint8], aspect: float) -> tuple[Picture, tuple[float, float]]:
    """A copy in colour and square pixels, and the (x, y) scale from source to it."""
    height, width = pixels.shape[:2]
    aspect = min(max(aspect, 1 / _LONGEST), _LONGEST)
    longest = max(height, width * aspect)
    factor = float(math.ceil(NARROWEST_PX / longest)) if longest < NARROWEST_PX else 1.0
    factor = min(factor, LARGEST_PX / longest)
    size = max(1, round(width * aspect * factor)), max(1, round(height * factor))
    picture = np.ascontiguousarray(pixels)
    if picture.ndim == 2:
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    if size != (width, height):
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        picture = np.asarray(cv2.resize(picture, size, interpolation=way), dtype=np.uint8)
    elif picture.base is not None or picture is pixels:
        picture = picture.copy()
    return picture, (size[0] / width, size[1] / height)


def encoded(picture: Picture) -> bytes:
    """The picture as baseline JPEG with its colours halved across: `YBR_FULL_422`."""
    options: Sequence[int] = (
        cv2.IMWRITE_JPEG_QUALITY,
        90,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    )
    done, data = cv2.imencode(".jpg", picture, options)
    if not done:
        raise RuntimeError("OpenCV wrote no JPEG")
    return data.tobytes()
