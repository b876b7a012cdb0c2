"""A region as a line, for networks that look for straight things: a needle's shaft.

The line is the principal axis of the region's cells; its ends are where 2 % and 98 % of the
cells have been passed, so that a fringe of the map moves neither. It says where the shaft is
seen, never where its tip is: a tip out of the plane is not seen at all.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from sonoedge.analysis import Line
from sonoedge.processing.geometry import Geometry
from sonoedge.processing.outlines import Part

_SHARES: Final = (0.02, 0.98)


def line_of(
    part: Part,
    geometry: Geometry,
    map_hw: tuple[int, int],
    *,
    spacing_mm: tuple[float, float] | None = None,
    aspect: float = 1.0,
) -> Line:
    """The line of a part of a map.

    Args:
        part: its cells; one or more.
        geometry: from source to input.
        map_hw: (height, width) of the map.
        spacing_mm: (rows, columns) millimetres per source pixel, or None.
        aspect: a source pixel's width over its height.
    """
    x0, y0, _, _ = part.box
    rows, columns = np.nonzero(part.solid)
    cells = geometry.to_source(np.stack([columns + x0, rows + y0], axis=1), map_hw)
    cells[:, 0] *= aspect  # a circle of the body is a circle here
    middle = cells.mean(axis=0)
    cells -= middle
    xx, yy, xy = (cells[:, 0] ** 2).sum(), (cells[:, 1] ** 2).sum(), cells.prod(axis=1).sum()
    angle = math.atan2(2 * xy, xx - yy) / 2  # of the axis of most spread, -90 to 90 degrees
    along = np.array((math.cos(angle), math.sin(angle)))
    first, last = np.quantile(cells @ along, _SHARES)
    ends = np.stack([middle + first * along, middle + last * along])
    ends[:, 0] /= aspect
    a, b = sorted(((float(x), float(y)) for x, y in ends), key=lambda end: (end[1], end[0]))
    return Line(
        ends_px=(a, b),
        angle_deg=math.degrees(angle),
        length_px=math.dist(a, b),
        length_mm=None if spacing_mm is None else _length_mm(a, b, spacing_mm),
    )


def _length_mm(
    a: tuple[float, float], b: tuple[float, float], spacing_mm: tuple[float, float]
) -> float:
    rows, columns = spacing_mm
    return math.hypot((b[0] - a[0]) * columns, (b[1] - a[1]) * rows)
