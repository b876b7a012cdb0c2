"""Contours and their tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Region
from sonoedge.outputs.overlay.style import (
    EDGE,
    FLAGGED,
    NOT_FLAGGED,
    Colour,
    Picture,
    put_text,
    text_size,
)
from sonoedge.outputs.wording import likeliest, line_words, region_note

Box: TypeAlias = tuple[int, int, int, int]
_SHIFT = 4  # OpenCV draws at 1/16 pixel


def draw_regions(
    picture: Picture,
    regions: Sequence[Region],
    scale: tuple[float, float],
    notes: Sequence[str] = (),
) -> list[Box]:
    """Draw contours and tags into `picture`.

    Args:
        picture: uint8 (H, W, 3), drawn on.
        regions: in source pixels.
        scale: (x, y) picture pixels per source pixel.
        notes: one per region, its tag's last line; "" is none.

    Returns:
        Where the tags lie.
    """
    unit = max(1.0, max(picture.shape[:2]) / 800)
    # The least suspicious first: a flagged contour is never crossed by one that is not.
    order = sorted(
        zip(regions, notes or ("",) * len(regions), strict=True),
        key=lambda each: (each[0].flagged, each[0].suspicion),
    )
    for region, _ in order:
        _contour(picture, region, scale)
    for region, _ in order:
        if region.line is not None:
            draw_line(picture, region.line.ends_px, scale, _look(region)[1])
    boxes = [_scaled_box(region.box_px, scale) for region in regions]
    tags: list[Box] = []
    for region, note in reversed(order):
        lines = tag_lines(region) + ((note,) if note else ())
        box = _scaled_box(region.box_px, scale)
        tags.append(_tag(picture, region, lines, box, boxes, tags, unit=unit))
    return tags


def unnamed(region: Region) -> Region:
    """A region without its label: where a picture leaves, a disease's name would read as one."""
    return replace(region, class_probs={})


def tag_lines(region: Region) -> tuple[str, ...]:
    """A tag's text: suspicion, the label too where flagged, how its flag stands, its line and its
    size."""
    size = () if region.box_mm is None else ("{:.1f} x {:.1f} mm".format(*region.box_mm),)
    note = region_note(region)
    line = () if region.line is None else (line_words(region.line),)
    return (likeliest(region), *((note,) if note else ()), *line, *size)


def _look(region: Region) -> tuple[int, Colour]:
    """A contour's width and colour: amber asks for a look, a wide line is confirmed."""
    if not (region.flagged or region.track_flagged):
        return 1, NOT_FLAGGED
    return (1 if region_note(region) else 2), FLAGGED


def _contour(picture: Picture, region: Region, scale: tuple[float, float]) -> None:
    """A thin line with a dark edge, so that it is seen on bright and on dark tissue."""
    line, colour = _look(region)
    _stroke(picture, _placed(region.contour_px, scale), colour, width=line, closed=True)


def draw_line(
    picture: Picture,
    ends_px: Sequence[tuple[float, float]],
    scale: tuple[float, float],
    colour: Colour,
) -> None:
    """A straight line, its ends without any mark: where a tip is, it does not say.

    Args:
        picture: uint8 (H, W, 3), drawn on.
        ends_px: (x, y) of both ends in source pixels.
        scale: (x, y) picture pixels per source pixel.
        colour: (blue, green, red).
    """
    _stroke(picture, _placed(np.array(ends_px), scale), colour, width=1, closed=False)


def _placed(points_px: npt.NDArray[Any], scale: tuple[float, float]) -> npt.NDArray[np.int32]:
    """Source pixels as OpenCV's fixed point in the picture."""
    centres = (points_px.astype(np.float64) + 0.5) * scale - 0.5
    return np.rint(centres * (1 << _SHIFT)).astype(np.int32)


def _stroke(
    picture: Picture, points: npt.NDArray[np.int32], colour: Colour, *, width: int, closed: bool
) -> None:
    for thickness, ink in ((width + 2, EDGE), (width, colour)):
        cv2.polylines(picture, [points], closed, ink, thickness, cv2.LINE_AA, _SHIFT)


def _scaled_box(box: Box, scale: tuple[float, float]) -> Box:
    (x0, y0, x1, y1), (kx, ky) = box, scale
    return round(x0 * kx), round(y0 * ky), round(x1 * kx), round(y1 * ky)


def _tag(
    picture: Picture,
    region: Region,
    lines: Sequence[str],
    box: Box,
    regions: Sequence[Box],
    tags: Sequence[Box],
    *,
    unit: float,
) -> Box:
    """Write a region's tag beside it; returns the place that it took."""
    size, pad = (0.5 if region.flagged else 0.42) * unit, round(5 * unit)
    extents = [text_size(text, size) for text in lines]
    step = max(height for _, height in extents) + pad
    width, height = max(w for w, _ in extents) + 2 * pad, step * len(lines) + pad
    place = _place(picture.shape[:2], box, (width, height), regions, tags, round(4 * unit))
    x0, y0, x1, y1 = place
    under = picture[max(0, y0) : y1, max(0, x0) : x1]
    under[:] = (under * 0.3).astype(np.uint8)  # tissue still shows through a little
    for i, text in enumerate(lines):
        put_text(picture, text, (x0 + pad, y0 + step * (i + 1)), size, _look(region)[1])
    return place


def _place(
    hw: tuple[int, int],
    box: Box,
    size: tuple[int, int],
    regions: Sequence[Box],
    tags: Sequence[Box],
    gap: int,
) -> Box:
    """Where a tag hides least: around its region, off every region and other tag."""
    (x0, y0, x1, y1), (width, height) = box, size
    above, below = y0 - gap - height, y1 + gap
    corners = [
        (x0, above), (x1 - width, above), (x0, below), (x1 - width, below),
        (x1 + gap, y0), (x0 - gap - width, y0),
        (0, 0), (hw[1] - width, 0), (0, hw[0] - height), (hw[1] - width, hw[0] - height),
    ]  # fmt: skip
    places = []
    for x, y in corners:
        x, y = max(0, min(x, hw[1] - width)), max(0, min(y, hw[0] - height))
        places.append((x, y, x + width, y + height))
    # Two tags on one spot are unreadable; a tag on a lesion hides it. Ties: the first place.
    return min(
        places,
        key=lambda p: (
            sum(shared_px(p, r) for r in regions) + 4 * sum(shared_px(p, t) for t in tags)
        ),
    )


def shared_px(a: Box, b: Box) -> int:
    """Square pixels that two boxes share."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(0, width) * max(0, height)
