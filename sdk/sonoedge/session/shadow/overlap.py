"""How far two frames' regions overlap: by their outlines, drawn on a small canvas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Region

SIDE_PX: Final = 128  # of the canvas: what two outlines share is found to about a hundredth


def lowest_iou(first: Sequence[Region], second: Sequence[Region]) -> float:
    """The overlap of that region which has the poorest counterpart in the other frame.

    Returns:
        Intersection over union, in [0, 1]; 1 where neither has a region, 0 where one alone has.
    """
    if not first and not second:
        return 1.0
    if not first or not second:
        return 0.0
    table = [[iou(a, b) for b in second] for a in first]
    rows = (max(row) for row in table)
    columns = (max(column) for column in zip(*table, strict=True))
    return float(min(*rows, *columns))


def iou(a: Region, b: Region) -> float:
    """Intersection over union of two regions' outlines."""
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = a.box_px, b.box_px
    if min(ax1, bx1) <= max(ax0, bx0) or min(ay1, by1) <= max(ay0, by0):
        return 0.0
    corner = np.array((min(ax0, bx0), min(ay0, by0)), dtype=np.float64)
    size = max(max(ax1, bx1) - corner[0], max(ay1, by1) - corner[1], 1.0)
    scale = min(1.0, (SIDE_PX - 1) / size)
    side = round(size * scale) + 1
    first, second = (_filled(r.contour_px, corner, scale, side) for r in (a, b))
    union = int(np.count_nonzero(first | second))
    return int(np.count_nonzero(first & second)) / union if union else 0.0


def _filled(
    outline_px: npt.NDArray[np.int32], corner: npt.NDArray[np.float64], scale: float, side: int
) -> npt.NDArray[np.uint8]:
    canvas: npt.NDArray[np.uint8] = np.zeros((side, side), dtype=np.uint8)
    points = np.rint((outline_px.reshape(-1, 2) - corner) * scale).astype(np.int32)
    cv2.fillPoly(canvas, [points], (1,))
    return canvas
