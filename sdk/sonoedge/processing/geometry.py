"""Where a network's input lies in the source frame, and the way back.

Coordinates are (x, y) with pixel *centres* at whole numbers, as in OpenCV: the
left edge of the first pixel is at -0.5.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidSettings

Points = npt.NDArray[np.float64]
ResizePolicy = Literal["letterbox", "stretch"]
Spacing = tuple[float, float]

# Pixels this close to square count as square: what is left is less than a network's pixel in a
# hundred, and spacings are often rounded to so many digits.
_SQUARE_WITHIN: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Roi:
    """A fixed region of interest; pixels outside it never reach the network.

    Attributes:
        x0: left edge, inclusive.
        y0: top edge, inclusive.
        x1: right edge, exclusive.
        y1: bottom edge, exclusive.
        unit: "px" for source pixels, "fraction" for fractions of width and height.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    unit: Literal["px", "fraction"] = "px"

    def __post_init__(self) -> None:
        if self.unit not in ("px", "fraction"):
            raise InvalidSettings(f"roi.unit is {self.unit!r}; use 'px' or 'fraction'")
        if not (0 <= self.x0 < self.x1 and 0 <= self.y0 < self.y1):
            raise InvalidSettings("roi needs 0 <= x0 < x1 and 0 <= y0 < y1")
        if self.unit == "fraction" and (self.x1 > 1 or self.y1 > 1):
            raise InvalidSettings("roi in fractions must lie within [0, 1]")

    def box_px(self, height: int, width: int) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1) in whole pixels, clipped to the frame; may be empty."""
        kx, ky = (width, height) if self.unit == "fraction" else (1, 1)
        x0, y0 = round(self.x0 * kx), round(self.y0 * ky)
        x1, y1 = min(width, round(self.x1 * kx)), min(height, round(self.y1 * ky))
        return min(x0, x1), min(y0, y1), x1, y1


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """The map between a frame's region of interest and a network's input.

    Attributes:
        roi_px: (x0, y0, x1, y1) of the region of interest in source pixels.
        input_hw: (height, width) of the network's input.
        placed_px: (x0, y0, x1, y1) of the resized region within the input;
            the rest of the input is padding.
    """

    roi_px: tuple[int, int, int, int]
    input_hw: tuple[int, int]
    placed_px: tuple[int, int, int, int]

    @property
    def scale(self) -> tuple[float, float]:
        """(x, y) input pixels per source pixel."""
        x0, y0, x1, y1 = self.roi_px
        u0, v0, u1, v1 = self.placed_px
        return (u1 - u0) / (x1 - x0), (v1 - v0) / (y1 - y0)

    def to_input(self, points: npt.ArrayLike) -> Points:
        """Source points, shape (N, 2), in coordinates of the network's input."""
        xy = np.asarray(points, dtype=np.float64)
        return (xy + 0.5 - self.roi_px[:2]) * self.scale + self.placed_px[:2] - 0.5

    def to_source(self, points: npt.ArrayLike, map_hw: tuple[int, int] | None = None) -> Points:
        """Points of the input, or of an output map of size `map_hw`, in source pixels."""
        gain, shift = self._way_back(map_hw or self.input_hw)
        moved = np.asarray(points, dtype=np.float64) * gain
        moved += shift
        return moved

    def placed_in_map(self, map_hw: tuple[int, int]) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1) of the cells of an output map whose centres lie on the image."""
        cached = self._placed.get(map_hw)
        if cached is None:
            ky, kx = map_hw[0] / self.input_hw[0], map_hw[1] / self.input_hw[1]
            u0, v0, u1, v1 = self.placed_px
            x0, y0 = math.ceil(u0 * kx - 0.5), math.ceil(v0 * ky - 0.5)
            x1, y1 = math.ceil(u1 * kx - 0.5), math.ceil(v1 * ky - 0.5)
            cached = self._placed[map_hw] = x0, y0, max(x0 + 1, x1), max(y0 + 1, y1)
        return cached

    # What was worked out for maps of a size: a frame's geometry is made once per stream.

    @functools.cached_property
    def _placed(self) -> dict[tuple[int, int], tuple[int, int, int, int]]:
        return {}

    @functools.cached_property
    def _ways(self) -> dict[tuple[int, int], tuple[Points, Points]]:
        return {}

    def _way_back(self, map_hw: tuple[int, int]) -> tuple[Points, Points]:
        """(x, y) factors and shifts from a map's cells to source pixels."""
        cached = self._ways.get(map_hw)
        if cached is None:
            rows, cols = map_hw
            kx, ky = self.scale
            cell_x, cell_y = self.input_hw[1] / cols, self.input_hw[0] / rows
            gain = (cell_x / kx, cell_y / ky)
            shift = (
                (0.5 * cell_x - self.placed_px[0]) / kx + self.roi_px[0] - 0.5,
                (0.5 * cell_y - self.placed_px[1]) / ky + self.roi_px[1] - 0.5,
            )
            cached = np.array(gain, dtype=np.float64), np.array(shift, dtype=np.float64)
            self._ways[map_hw] = cached
        return cached


def pixel_aspect(spacing_mm: Spacing | None, aspect: float | None = None) -> float:
    """A pixel's width over its height; 1.0 where it is square within 1 %, or nobody knows.

    Args:
        spacing_mm: (rows, columns) millimetres per pixel, or None; it goes before `aspect`.
        aspect: width over height, where a source knows that alone (video's sample aspect ratio).

    What is no length or no ratio gives 1.0: the guard stops a frame that says so.
    """
    if spacing_mm is not None:
        rows, columns = spacing_mm
        if rows == columns or not rows > 0:
            return 1.0
        aspect = columns / rows
    if aspect is None or not 0 < aspect < math.inf or abs(aspect - 1.0) <= _SQUARE_WITHIN:
        return 1.0
    return aspect


def fit(
    *,
    roi_px: tuple[int, int, int, int],
    input_hw: tuple[int, int],
    policy: ResizePolicy,
    aspect: float = 1.0,
) -> Geometry:
    """Place a region of interest in a network's input.

    "letterbox" keeps the shape of what is shown, in square pixels, and centres it; "stretch"
    fills the input, whatever the shape.

    Args:
        aspect: a source pixel's width over its height (see `pixel_aspect`).

    Raises:
        InvalidSettings: the region is empty, or `aspect` is not a positive number, or one that no
            width can be multiplied with.
    """
    x0, y0, x1, y1 = roi_px
    if x1 <= x0 or y1 <= y0:
        raise InvalidSettings("the region of interest is empty")
    if not (math.isfinite(aspect) and aspect > 0):
        raise InvalidSettings(f"a pixel's width over its height is {aspect}; it must be above 0")
    width, height = (x1 - x0) * aspect, y1 - y0
    if not math.isfinite(width):
        raise InvalidSettings(f"a pixel's width over its height is {aspect}: too much")
    rows, cols = input_hw
    if policy == "stretch":
        return Geometry(roi_px=roi_px, input_hw=input_hw, placed_px=(0, 0, cols, rows))
    k = min(cols / width, rows / height)
    w, h = max(1, min(cols, round(width * k))), max(1, min(rows, round(height * k)))
    u, v = (cols - w) // 2, (rows - h) // 2
    return Geometry(roi_px=roi_px, input_hw=input_hw, placed_px=(u, v, u + w, v + h))
