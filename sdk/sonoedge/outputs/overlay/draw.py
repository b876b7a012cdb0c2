"""One picture per frame: the frame, its regions, and a status bar under it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Analysed, Analysis
from sonoedge.description import Description
from sonoedge.errors import InvalidSettings
from sonoedge.frames import Frame
from sonoedge.outputs.opinions import disagreement
from sonoedge.outputs.overlay.bar import draw_bar
from sonoedge.outputs.overlay.guide import GuideLine, place
from sonoedge.outputs.overlay.guide_drawing import draw_guide, write_depths
from sonoedge.outputs.overlay.heat import draw_explanation
from sonoedge.outputs.overlay.regions import Box, draw_regions
from sonoedge.outputs.overlay.style import EDGE, QUIET, Picture, put_text, text_size
from sonoedge.processing.geometry import pixel_aspect

# Longest side of the drawn frame. Small frames are enlarged so that lines and text
# are crisp; the upper bound keeps video encoding affordable.
SMALLEST_PX, LARGEST_PX = 720, 1280
NARROWEST_PX = 600  # the status bar needs so much
_LONGEST = 10.0  # a pixel's sides: a frame that says more is refused, and still drawn


def draw(
    frame: Frame,
    analysis: Analysis,
    *,
    state: str = "READY",
    guide: GuideLine | None = None,
    descriptions: Sequence[Description | None] = (),
) -> Picture:
    """Draw an analysis. Contours are drawn for `Analysed` alone, and so is its explanation.

    Args:
        frame: its pixels are read only. Pixels that are no picture (wrong dtype or
            shape) give an empty picture that says so.
        analysis: of this frame.
        state: the analyser's state; shown in the status bar.
        guide: a line to be drawn in every picture, whatever was found; a frame without a
            spacing says that it has none.
        descriptions: one per region, in order, or none at all. Where a second opinion disagrees
            with the network, the region's tag says so; its colour stays the network's.

    Returns:
        uint8, (H, W, 3), BGR, H and W even; it belongs to the caller. The frame lies
        at the top, centred; the status bar is under it and never over it.

    Raises:
        InvalidSettings: there are descriptions, and not one per region.
    """
    found = analysis.regions if isinstance(analysis, Analysed) else ()
    if descriptions and len(descriptions) != len(found):
        raise InvalidSettings(
            f"descriptions must be one per region, {len(found)}, not {len(descriptions)}"
        )
    notes = tuple(map(disagreement, descriptions)) or ("",) * len(found)
    pixels = _colour(frame.pixels)
    if pixels is None:
        picture, scale = _nothing(), (1.0, 1.0)
    else:
        aspect = pixel_aspect(frame.spacing_mm, frame.pixel_aspect)
        picture, scale = _sized(pixels, min(max(aspect, 1 / _LONGEST), _LONGEST))
    placed = None if guide is None or pixels is None else place(guide, frame)
    if placed is not None:
        draw_guide(picture, placed, scale)
    tags: list[Box] = []
    if isinstance(analysis, Analysed):
        if analysis.explanation is not None and pixels is not None:
            draw_explanation(picture, analysis.explanation, analysis.regions, scale)
        tags = draw_regions(picture, analysis.regions, scale, notes)
    if placed is not None:
        write_depths(picture, placed, scale, tags)
    height, width = picture.shape[:2]
    side = max(0, NARROWEST_PX - width)
    left, right = side // 2, side - side // 2
    right += (left + width + right) % 2
    bar = draw_bar(analysis, state=state, width=left + width + right)
    above = np.zeros((height + (height + len(bar)) % 2, bar.shape[1], 3), dtype=np.uint8)
    above[:height, left : left + width] = picture
    return np.concatenate([above, bar])


def _colour(pixels: object) -> Picture | None:
    """BGR pixels, or None where there is no picture to show."""
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.size == 0:
        return None
    # OpenCV refuses negative strides, such as a flipped view has.
    contiguous: npt.NDArray[np.uint8] = np.ascontiguousarray(pixels)
    if contiguous.ndim == 2:
        return np.asarray(cv2.cvtColor(contiguous, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    return contiguous if contiguous.ndim == 3 and contiguous.shape[2] == 3 else None


def _sized(pixels: Picture, aspect: float) -> tuple[Picture, tuple[float, float]]:
    """A resized copy in square pixels, and the (x, y) scale from source to it."""
    height, width = pixels.shape[:2]
    longest = max(height, width * aspect)
    factor = min(max(longest, SMALLEST_PX), LARGEST_PX) / longest
    size = max(1, round(width * aspect * factor)), max(1, round(height * factor))
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    picture = np.asarray(cv2.resize(pixels, size, interpolation=way), dtype=np.uint8)
    return picture, (size[0] / width, size[1] / height)


def _nothing() -> Picture:
    """A dark picture that says that there is none."""
    picture = np.full((SMALLEST_PX * 3 // 4, SMALLEST_PX, 3), EDGE, dtype=np.uint8)
    text = "this frame holds no picture"
    width, _ = text_size(text, 0.6)
    put_text(picture, text, ((SMALLEST_PX - width) // 2, len(picture) // 2), 0.6, QUIET)
    return picture
