"""The explanation: inside each region, the stronger the tint, the higher the network's map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from sonoedge.analysis import Explanation, Region
from sonoedge.outputs.overlay.style import FLAGGED, Picture

STRONGEST: Final = 0.7  # share of the tint where the map is 1: tissue still shows through


def draw_explanation(
    picture: Picture,
    explanation: Explanation,
    regions: Sequence[Region],
    scale: tuple[float, float],
) -> None:
    """Tint `picture` by the map, inside the regions: outside them the map has no meaning.

    Args:
        picture: uint8 (H, W, 3), drawn on.
        explanation: of the frame that the picture shows.
        regions: in source pixels.
        scale: (x, y) picture pixels per source pixel.
    """
    kx, ky = scale
    x0, y0, x1, y1 = explanation.box_px
    left, top, right, bottom = round(x0 * kx), round(y0 * ky), round(x1 * kx), round(y1 * ky)
    levels = cv2.resize(
        explanation.levels, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR
    )
    inside = np.zeros(picture.shape[:2], dtype=np.uint8)
    for region in regions:
        points = np.rint((region.contour_px + 0.5) * scale - 0.5).astype(np.int32)
        cv2.fillPoly(inside, [points], 1)
    part = picture[top:bottom, left:right]
    share = (levels * np.float32(STRONGEST / 255))[: part.shape[0], : part.shape[1]]
    share = (share * inside[top:bottom, left:right])[..., None]
    part[:] = np.rint(part * (1 - share) + np.array(FLAGGED, dtype=np.float32) * share)
