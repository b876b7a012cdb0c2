"""A guide line: where a needle would run that is held at a known angle, as settings say it.

It is geometry alone, of the probe and its bracket. It is no finding, follows no needle and
guides none; a needle bends. Without a spacing there is none: its depths are in millimetres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from sonoedge.errors import InvalidSettings
from sonoedge.frames import Frame

Point: TypeAlias = tuple[float, float]

_FLATTEST_DEG: Final = 5.0  # a flatter line would cross no more than the skin
_FARTHEST_MM: Final = 500.0
_DASHES: Final = 5  # from a mark to the next: a line that is found in the picture is drawn whole


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideLine:
    """Where the line enters, and at what angle.

    Attributes:
        across_mm: of the entry, from the middle of the picture's upper edge, to the right.
        down_mm: of the entry, from that edge; below 0 it lies above the picture.
        angle_deg: against the horizontal, 5 to 90 or -90 to -5; above 0 it goes down to the
            right, below 0 down to the left.
        mark_mm: from the entry to the first mark along the line, and from each to the next.
    """

    across_mm: float
    down_mm: float
    angle_deg: float
    mark_mm: float = 10.0

    def __post_init__(self) -> None:
        if not (abs(self.across_mm) <= _FARTHEST_MM and abs(self.down_mm) <= _FARTHEST_MM):
            raise InvalidSettings(
                f"the guide line's entry must lie within {_FARTHEST_MM:.0f} mm of the middle of "
                "the picture's upper edge"
            )
        if not _FLATTEST_DEG <= abs(self.angle_deg) <= 90:
            raise InvalidSettings("the guide line's angle must be 5 to 90 or -90 to -5 degrees")
        if not 1 <= self.mark_mm <= _FARTHEST_MM:
            raise InvalidSettings(f"mark_mm must be 1 to {_FARTHEST_MM:.0f}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A guide line in one frame.

    Attributes:
        ends_px: (x, y) in source pixels where it enters and leaves the picture.
        marks: millimetres from the entry along the line, and (x, y) of each.
        dashes_px: both ends of each dash.
    """

    ends_px: tuple[Point, Point]
    marks: tuple[tuple[float, Point], ...]
    dashes_px: tuple[tuple[Point, Point], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPlaced:
    """There is no guide line in this frame.

    Attributes:
        why: in words.
    """

    why: str


def guide_from(text: str) -> GuideLine:
    """A guide line from "ACROSS,DOWN,ANGLE": millimetres, millimetres, degrees.

    Raises:
        InvalidSettings: it is none.
    """
    try:
        across, down, angle = (float(part) for part in text.split(","))
    except ValueError:
        raise InvalidSettings(
            "a guide line is ACROSS,DOWN,ANGLE, such as 25,0,-45: millimetres to the right of the "
            "middle of the picture's upper edge, millimetres below it, degrees"
        ) from None
    return GuideLine(across_mm=across, down_mm=down, angle_deg=angle)


def place(guide: GuideLine, frame: Frame) -> Placed | NotPlaced:
    """The guide line in a frame's pixels, as far as it crosses the picture."""
    spacing = frame.spacing_mm
    if spacing is None or not all(math.isfinite(mm) and mm > 0 for mm in spacing):
        return NotPlaced(why="the frame has no spacing in millimetres")
    height, width = frame.pixels.shape[:2]
    left, top, right, bottom = _limits(frame, height, width)
    rows_mm, columns_mm = spacing
    turn = math.radians(guide.angle_deg)
    towards = math.copysign(1, guide.angle_deg)  # it goes down, whichever way it leans
    along = towards * math.cos(turn) / columns_mm, towards * math.sin(turn) / rows_mm
    entry = (
        (left + right) / 2 + guide.across_mm / columns_mm,
        top + guide.down_mm / rows_mm,
    )
    first, last = 0.0, math.inf  # millimetres from the entry
    for start, step, low, high in (
        (entry[0], along[0], left, right),
        (entry[1], along[1], top, bottom),
    ):
        if abs(step) < 1e-9:  # upright: it never comes nearer to a side
            if not low <= start <= high:
                last = -math.inf
            continue
        near, far = sorted(((low - start) / step, (high - start) / step))
        first, last = max(first, near), min(last, far)
    if not first < last:
        return NotPlaced(why="it does not cross the picture")

    def at(mm: float) -> Point:
        return entry[0] + mm * along[0], entry[1] + mm * along[1]

    numbers = range(math.ceil(first / guide.mark_mm), math.floor(last / guide.mark_mm) + 1)
    dash = guide.mark_mm / (2 * _DASHES)
    steps = np.arange(math.ceil(first / (2 * dash)), math.ceil(last / (2 * dash))) * 2 * dash
    return Placed(
        ends_px=(at(first), at(last)),
        marks=tuple((n * guide.mark_mm, at(n * guide.mark_mm)) for n in numbers if n > 0),
        dashes_px=tuple((at(mm), at(min(mm + dash, last))) for mm in steps.tolist()),
    )


def _limits(frame: Frame, height: int, width: int) -> tuple[float, float, float, float]:
    """The picture's edges in the frame; all of the frame where it says none, or nonsense."""
    x0, y0, x1, y1 = frame.roi_px or (0, 0, width, height)
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    if x0 >= x1 or y0 >= y1:
        x0, y0, x1, y1 = 0, 0, width, height
    return x0 - 0.5, y0 - 0.5, x1 - 0.5, y1 - 0.5
