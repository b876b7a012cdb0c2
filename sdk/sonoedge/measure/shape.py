"""The shape of a region: our own definitions, as IBSI 1 has none in two dimensions.

All are ratios, so that no spacing is needed. `docs/reference/measures.md` writes each down.
"""

from __future__ import annotations

import math
from typing import Any, Final

import cv2
import numpy as np

from sonoedge.measure.outline import BEFORE, POINTS, Complex, Outline
from sonoedge.measure.region import Cut

NAMES: Final = (
    "width_height",
    "axis_ratio",
    "eccentricity",
    "uprightness",
    "ellipse_perimeter",
    "ellipse_overlap",
    "compactness",
    "solidity",
    "convexity",
    "extent",
    "rectangularity",
    "rectangle_ratio",
    "roundness",
    "radial_mean",
    "radial_deviation",
    "radial_entropy",
    "radial_roughness",
    "radial_crossings",
    "radial_excess",
    "asymmetry",
    "fractal_dimension",
    "turning",
    "bending",
)

# Strides along the outline, and what each length's logarithm weighs in the slope through them.
_SLOPE: Final = tuple((1 << k, (k - 1.5) / (5 * math.log(2))) for k in range(4))
_COARSE: Final = 4  # turns are between every fourth point: finer ones are those of pixels
_BINS: Final = 16  # of the radii's histogram, over twice their mean


def shape(cut: Cut, outline: Outline) -> list[float]:
    """The values of `NAMES`."""
    x0, y0, x1, y1 = cut.box
    hull: Any = cv2.convexHull(
        np.stack([outline.points.real, outline.points.imag], axis=1).astype(np.float32)
    )
    hull_area = max(cv2.contourArea(hull), outline.area)
    _, sides, _ = cv2.minAreaRect(hull)
    short, long = max(min(sides), 1.0), max(*sides, 1.0)
    _, radius = cv2.minEnclosingCircle(hull)
    return [
        (x1 - x0) / (y1 - y0),
        *_ellipse(cut, outline),
        4 * math.pi * outline.area / outline.length**2,
        outline.area / hull_area,
        cv2.arcLength(hull, True) / outline.length,
        cut.pixels / ((x1 - x0) * (y1 - y0)),
        outline.area / (short * long),
        short / long,
        outline.area / (math.pi * max(radius, 1.0) ** 2),
        *_radial(outline),
        _dimension(outline.points),
        *_bends(outline.points[::_COARSE]),
    ]


def _ellipse(cut: Cut, outline: Outline) -> list[float]:
    """What the ellipse of the mask's own moments says."""
    _, mask = cut.inside
    m = cv2.moments(mask, True)
    n = m["m00"]
    # A pixel is a square, not a point: 1/12 is its own spread.
    xx, yy, xy = m["mu20"] / n + 1 / 12, m["mu02"] / n + 1 / 12, m["mu11"] / n
    half, root = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
    major, minor = math.sqrt(half + root), math.sqrt(max(half - root, 1 / 12))
    # A mask is drawn with its outline's pixels, half of which lie outside.
    a, b = max(2 * major - 0.5, 0.5), max(2 * minor - 0.5, 0.5)
    h = ((a - b) / (a + b)) ** 2
    perimeter = math.pi * (a + b) * (1 + 3 * h / (10 + math.sqrt(4 - 3 * h)))  # Ramanujan 1914
    return [
        minor / major,
        math.sqrt(max(0.0, 1 - (minor / major) ** 2)),
        yy / (xx + yy),
        perimeter / outline.length,
        _overlap(mask, (m["m10"] / n, m["m01"] / n), (xx, yy, xy)),
    ]


def _overlap(mask: Any, centre: tuple[float, float], spread: tuple[float, float, float]) -> float:
    """Intersection over union of the mask and its ellipse."""
    xx, yy, xy = spread
    scale = 1 / (4 * max(xx * yy - xy * xy, 1e-6))
    dx = np.arange(mask.shape[1]) - centre[0]
    dy = (np.arange(mask.shape[0]) - centre[1])[:, None]
    within = (yy * scale * dx) * dx - (2 * xy * scale * dx) * dy + (xx * scale * dy) * dy <= 1.0
    inside = mask > 0
    both = int(np.count_nonzero(within & inside))
    either = int(np.count_nonzero(within | inside))
    return both / max(either, 1)


def _radial(outline: Outline) -> list[float]:
    """How the distance from the outline's middle varies along it."""
    z = outline.points
    radii = np.abs(z - z.mean())
    mean = max(float(radii.mean()), 1e-9)
    radii = radii / mean
    bins = np.minimum((radii * (_BINS / 2)).astype(np.intp), _BINS - 1)
    shares = np.bincount(bins, minlength=_BINS) / POINTS
    some = shares[shares > 0]
    above = radii > 1.0
    return [
        mean / math.sqrt(outline.area / math.pi),
        float(radii.std()),
        max(0.0, -float(some @ np.log2(some))),
        float(np.abs(radii - radii[BEFORE]).mean()),
        float(np.count_nonzero(above != above[BEFORE])),
        float((radii - 1.0)[above].sum()) / POINTS,
        float(np.abs(radii[: POINTS // 2] - radii[POINTS // 2 :]).mean()),
    ]


def _dimension(points: Complex) -> float:
    """The outline's dividers dimension: how its length falls with the step."""
    fall = 0.0
    for stride, weight in _SLOPE:
        coarse = points[::stride]
        length = float(np.abs(coarse[1:] - coarse[:-1]).sum()) + abs(coarse[0] - coarse[-1])
        fall += weight * math.log(max(length, 1e-9))
    return 1.0 - fall


def _bends(points: Complex) -> list[float]:
    """Total turning in full turns, and its squares': an oval has 1 turn."""
    closed = np.concatenate([points, points[:2]])
    steps = closed[1:] - closed[:-1]
    turns = np.angle(steps[1:] * steps[:-1].conj())
    return [
        float(np.abs(turns).sum()) / (2 * math.pi),
        float((turns * turns).sum()) * len(turns) / (2 * math.pi) ** 2,
    ]
