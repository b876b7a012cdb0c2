"""A region and its surroundings, cut out of the frame and resampled to one size."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]

MIN_PIXELS: Final = 16  # fewer tell nothing of a texture
_DRAFT_PX: Final = 128  # a region is first drawn with this longer side, to know its area
_LONGEST: Final = 4  # longest side of a resampled region, in diameters: a line is no disc
# What a frame of half the size could not show is smoothed away, in both: the last step of
# resampling. Standard deviation and side of the Gauss filter, in resampled pixels.
_SMOOTH, _SMOOTH_PX = 1.0, 5
_SHIFT: Final = 4  # outlines are drawn with this many bits below the pixel


class Cut(NamedTuple):
    """A region, resampled, with the picture around it.

    Attributes:
        grey: uint8, shape (h, w): the region and its surroundings, as far as the frame goes.
        mask: uint8, shape (h, w): 255 inside the region.
        box: (x0, y0, x1, y1) of the mask within `grey`; x1 and y1 exclusive.
        pixels: how many pixels the mask has.
        diameter: of the disc with the region's area, in pixels of `grey`.
    """

    grey: Grey
    mask: Grey
    box: Box
    pixels: int
    diameter: float

    @property
    def inside(self) -> tuple[Grey, Grey]:
        """(grey, mask) of the box alone."""
        x0, y0, x1, y1 = self.box
        return self.grey[y0:y1, x0:x1], self.mask[y0:y1, x0:x1]


def cut_out(
    grey: Grey,
    contour_px: npt.NDArray[np.int32],
    *,
    diameter_px: int,
    aspect: float = 1.0,
    within_px: Box | None = None,
) -> Cut | None:
    """The region in square pixels, scaled until a disc of its area has `diameter_px`.

    Around it lie half its width on either side, a quarter of a diameter above and 0.8 of its
    height below, where the frame reaches so far.

    Args:
        grey: the frame, uint8, shape (H, W); it is only read.
        contour_px: outline, shape (N, 2), (x, y) in pixels of `grey`.
        diameter_px: of the disc.
        aspect: a pixel's width over its height.
        within_px: (x0, y0, x1, y1) of the ultrasound picture in the frame; None for all of it.

    Returns:
        None where the region has fewer than `MIN_PIXELS` pixels.
    """
    limits = _limits(grey, within_px)
    if limits is None or len(contour_px) < 3:
        return None
    left, top, right, bottom = limits
    points = contour_px.astype(np.float64)
    for column, low, high in ((points[:, 0], left, right - 1), (points[:, 1], top, bottom - 1)):
        np.clip(column, low, high, out=column)
    x, y = points.T  # along one axis each: numpy takes several times as long for both at once
    bx0, bx1, by0, by1 = float(x.min()), float(x.max()), float(y.min()), float(y.max())
    width, height = (bx1 - bx0 + 1) * aspect, by1 - by0 + 1
    area = _area(points - (bx0, by0), width, height, aspect)
    if area < MIN_PIXELS or area / aspect < MIN_PIXELS:
        return None
    diameter = math.sqrt(4 * area / math.pi)
    scale = min(diameter_px / diameter, _LONGEST * diameter_px / max(width, height))
    above = 0.25 * diameter
    beside = max(above, 0.5 * width) / aspect
    x0, x1 = max(left, math.floor(bx0 - beside)), min(right, math.ceil(bx1 + beside) + 1)
    y0 = max(top, math.floor(by0 - above))
    y1 = min(bottom, math.ceil(by1 + max(above, 0.8 * height)) + 1)
    whole = max(1, int(1 / (scale * max(1.0, aspect))))  # shrink by this first
    x1 -= (x1 - x0) % whole
    y1 -= (y1 - y0) % whole
    cols = max(1, round((x1 - x0) * aspect * scale))
    rows = max(1, round((y1 - y0) * scale))
    points += 0.5 - np.array((x0, y0))  # from centres of pixels to their corners, and back
    points *= (cols / (x1 - x0), rows / (y1 - y0))
    points -= 0.5
    mask = np.zeros((rows, cols), dtype=np.uint8)
    _fill(mask, points)
    u, v, w, h = cv2.boundingRect(mask)
    pixels = cv2.countNonZero(mask)
    if pixels < MIN_PIXELS:
        return None
    return Cut(
        grey=_resized(grey[y0:y1, x0:x1], whole, (cols, rows)),
        mask=mask,
        box=(u, v, u + w, v + h),
        pixels=pixels,
        diameter=math.sqrt(4 * pixels / math.pi),
    )


def _resized(picture: Grey, whole: int, size: tuple[int, int]) -> Grey:
    """The mean of squares of `whole` pixels, then linear: far quicker than one mean of parts."""
    if whole > 1:
        small = (picture.shape[1] // whole, picture.shape[0] // whole)
        picture = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.uint8)
    fine = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(fine, (_SMOOTH_PX, _SMOOTH_PX), _SMOOTH), dtype=np.uint8)


def _limits(grey: Grey, within_px: Box | None) -> Box | None:
    """Where the picture lies in the frame; None where it is empty."""
    rows, cols = grey.shape
    x0, y0, x1, y1 = (0, 0, cols, rows) if within_px is None else within_px
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(cols, x1), min(rows, y1)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _area(points: npt.NDArray[np.float64], width: float, height: float, aspect: float) -> float:
    """Area in square pixels as high as the frame's, from the filled outline.

    A self-crossing outline's own area may be 0 or negative; what it fills is not.
    """
    scale = _DRAFT_PX / max(width, height)
    draft = np.zeros((math.ceil(height * scale) + 1, math.ceil(width * scale) + 1), np.uint8)
    _fill(draft, points * (aspect * scale, scale))
    return cv2.countNonZero(draft) / scale**2


def _fill(mask: Grey, points: npt.NDArray[np.float64]) -> None:
    fine = np.rint(points * (1 << _SHIFT)).astype(np.int32)
    cv2.fillPoly(mask, [fine], 255, lineType=cv2.LINE_8, shift=_SHIFT)
