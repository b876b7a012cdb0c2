"""Pictures and regions that the tests of measures share."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Region
from sonoedge.measure.region import Cut, cut_out

Picture = npt.NDArray[np.uint8]


def region_of(points: Any) -> Region:
    contour = np.asarray(points, dtype=np.int32)
    x, y, w, h = cv2.boundingRect(contour)
    return Region(
        contour_px=contour,
        box_px=(x, y, x + w, y + h),
        area_px=1.0,
        area_mm2=None,
        box_mm=None,
        suspicion=0.5,
        class_probs={},
        flagged=True,
    )


def ellipse(centre: tuple[float, float], axes: tuple[float, float], lobes: float = 0.0) -> Region:
    t = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = 1 + lobes * np.cos(9 * t)
    x, y = centre[0] + axes[0] * radius * np.cos(t), centre[1] + axes[1] * radius * np.sin(t)
    return region_of(np.rint(np.stack([x, y], axis=1)))


def speckle(height: int = 300, width: int = 400, seed: int = 0) -> Picture:
    rng = np.random.default_rng(seed)
    noise = rng.rayleigh(60, (height, width)).clip(0, 255)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.5), dtype=np.uint8)


def cut_of(grey: Picture, region: Region) -> Cut:
    """The region, cut out as its measures are taken."""
    cut = cut_out(grey, region.contour_px, diameter_px=64)
    assert cut is not None
    return cut
