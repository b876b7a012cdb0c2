"""The picture that OpenIGTLink clients are shown: a frame, its regions, and a bar under it.

Its pixels are the frame's own, so that contours in millimetres lie on them; what is added lies
right of them and below.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from sonoedge.analysis import Analysed, Analysis
from sonoedge.frames import Frame
from sonoedge.outputs.overlay.bar import NOTICE
from sonoedge.outputs.overlay.regions import draw_regions, unnamed
from sonoedge.outputs.overlay.result_bar import draw_result_bar
from sonoedge.outputs.overlay.style import Picture

_NARROWEST_PX: Final = 640  # the bar's words need so much


def drawn(frame: Frame, analysis: Analysis) -> Picture:
    """uint8, (H, W, 3) BGR, at least as large as the frame; it belongs to the caller.

    Args:
        frame: the one that was analysed; its pixels are read only.
        analysis: of this frame.
    """
    pixels = frame.pixels
    if pixels.ndim == 2:
        pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    height, width = pixels.shape[:2]
    picture = _canvas(height, width)
    picture[:, :width] = pixels
    if isinstance(analysis, Analysed):
        regions = [unnamed(region) for region in analysis.regions]
        draw_regions(picture[:, :width], regions, (1.0, 1.0))
    origin = analysis.origin
    maker = f"{origin.bundle_id}, {origin.runtime} {origin.precision}"
    return _with_bar(picture, analysis, f"frame {analysis.frame_id}", maker)


def without_frame(size: tuple[int, int], why: str) -> Picture:
    """A black picture that says why there is none, in place of one that has grown old.

    Args:
        size: (H, W) of the frames so far.
    """
    return _with_bar(_canvas(*size), why, "", "")


def _canvas(height: int, width: int) -> Picture:
    return np.zeros((height, max(width, _NARROWEST_PX), 3), np.uint8)


def _with_bar(picture: Picture, analysis: Analysis | str, number: str, maker: str) -> Picture:
    width = picture.shape[1]
    bar = draw_result_bar(analysis, number=number, maker=maker, notice=NOTICE, width=width)
    return np.concatenate([picture, bar])
