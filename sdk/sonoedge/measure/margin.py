"""The margin of a region, what lies around it, and what lies below: our own definitions.

Profiles cross the outline at each of its points, from 8 pixels inside to 12 outside, of a
region of 64 pixels' diameter. Grey levels are 0 to 255; "below" is away from the probe.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np

from sonoedge.measure.outline import Outline
from sonoedge.measure.region import Cut

NAMES: Final = (
    "contrast",
    "contrast_ratio",
    "sharpness",
    "sharpness_deviation",
    "indistinct_share",
    "gradient",
    "gradient_wander",
    "edge_width",
    "halo",
    "inner_rim",
    "surroundings_deviation",
    "side_difference",
    "above_contrast",
    "posterior",
    "posterior_far",
    "posterior_deviation",
    "below_contrast",
)
# What cannot be measured where the frame ends at that side.
BELOW: Final = NAMES[13:]
ABOVE: Final = NAMES[12:13]
AROUND: Final = NAMES[:12]

_INSIDE, _OUTSIDE = 8, 12
_OFFSETS: Final = np.arange(-_INSIDE, _OUTSIDE + 1)
_INDISTINCT: Final = 8.0  # a step of fewer grey levels is none to the eye


def margin(cut: Cut, outline: Outline, mean: float) -> tuple[list[float], tuple[str, ...]]:
    """The values of `NAMES`, and which of them could not be measured (they are 0).

    Args:
        mean: grey level inside the region.
    """
    around, above, below = _around(cut, outline, mean), _above(cut, mean), _below(cut, mean)
    missing = tuple(
        name
        for names, values in ((AROUND, around), (ABOVE, above), (BELOW, below))
        if values is None
        for name in names
    )
    values = [
        *(around or [0.0] * len(AROUND)),
        *(above or [0.0] * len(ABOVE)),
        *(below or [0.0] * len(BELOW)),
    ]
    return values, missing


def _around(cut: Cut, outline: Outline, mean: float) -> list[float] | None:
    """What the profiles say; None where most of them leave the frame."""
    rows, cols = cut.grey.shape
    unit = cut.diameter / 64
    end = outline.points + _OUTSIDE * unit * outline.outwards
    held = (end.real >= 0) & (end.real <= cols - 1) & (end.imag >= 0) & (end.imag <= rows - 1)
    if np.count_nonzero(held) < len(held) // 2:
        return None
    places = outline.points[held, None] + unit * _OFFSETS * outline.outwards[held, None]
    levels: Any = cv2.remap(
        cut.grey,
        places.real.astype(np.float32),
        places.imag.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)
    edge = _INSIDE  # the column on the outline
    inner = levels[:, edge - 5 : edge].mean(axis=1)
    outer = levels[:, edge + 1 : edge + 6].mean(axis=1)
    outside = levels[:, edge + 2 :]
    surroundings = float(outside.mean())
    steps = outer - inner
    slopes = np.abs(levels[:, edge - 4 : edge + 7] - levels[:, edge - 6 : edge + 5])
    gradient = float(slopes.max(axis=1).mean())
    sides = outline.outwards[held].real
    left, right = outside[sides < -0.5], outside[sides > 0.5]
    return [
        surroundings - mean,
        (surroundings - mean) / (surroundings + mean + 5.0),
        float(steps.mean()),
        float(steps.std()),
        float(np.count_nonzero(steps < _INDISTINCT)) / len(steps),
        gradient,
        float(slopes.argmax(axis=1).std()),
        abs(float(steps.mean())) / (gradient + 1.0),
        float(levels[:, edge + 1 : edge + 5].mean() - levels[:, edge + 8 :].mean()),
        float(inner.mean()) - mean,
        float(outside.std()),
        abs(float(left.mean() - right.mean())) if left.size and right.size else 0.0,
    ]


def _above(cut: Cut, mean: float) -> list[float] | None:
    """The strip above the region's middle; None where the frame begins there."""
    x0, y0, x1, _ = cut.box
    high = round(0.2 * cut.diameter)
    if y0 < high or high < 1:
        return None
    quarter = (x1 - x0) // 4
    return [_mean(cut.grey[y0 - high : y0, x0 + quarter : x1 - quarter]) - mean]


def _below(cut: Cut, mean: float) -> list[float] | None:
    """Below the region's middle half against beside it, at the same depth.

    None where the frame ends within half of what should be looked at, or on both sides.
    """
    x0, y0, x1, y1 = cut.box
    width, height = x1 - x0, y1 - y0
    wanted = max(0.8 * height, 0.25 * cut.diameter)
    bottom = min(cut.grey.shape[0], y1 + round(wanted))
    if bottom - y1 < 0.5 * wanted or bottom - y1 < 2:
        return None
    deeper = cut.grey[y1:bottom]
    strips = deeper[:, max(0, x0 - width // 2) : x0], deeper[:, x1 : x1 + width // 2]
    held = [strip for strip in strips if strip.shape[1] >= max(2, width // 4)]
    if not held:
        return None
    quarter = width // 4
    middle = deeper[:, x0 + quarter : x1 - quarter]
    half = (bottom - y1) // 2
    below = _mean(middle)
    columns: Any = cv2.reduce(middle, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
    return [
        _share(below, sum(map(_mean, held)) / len(held)),
        _share(_mean(middle[half:]), sum(_mean(s[half:]) for s in held) / len(held)),
        float(columns.std()),
        below - mean,
    ]


def _share(below: float, beside: float) -> float:
    return (below - beside) / (below + beside + 5.0)


def _mean(levels: Any) -> float:
    return float(cv2.mean(levels)[0])
