"""A guide line in the overlay: dashed, with its depths; or why there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from sonoedge.outputs.overlay.guide import NotPlaced, Placed, Point
from sonoedge.outputs.overlay.regions import Box, draw_line, shared_px
from sonoedge.outputs.overlay.style import EDGE, TEXT, Picture, put_text, text_size

_TICK_PX: Final = 6.0
_SIZE: Final = 0.42
_HEAD: Final = "guide line as set, no needle"


def draw_guide(picture: Picture, placed: Placed | NotPlaced, scale: tuple[float, float]) -> None:
    """Draw a guide line, dashed, and a tick at each mark; nothing where there is none.

    Args:
        picture: uint8 (H, W, 3), drawn on, in square pixels.
        placed: as `place` gives it.
        scale: (x, y) picture pixels per source pixel.
    """
    if isinstance(placed, NotPlaced):
        return
    for ends in placed.dashes_px:
        draw_line(picture, ends, scale, TEXT)
    across = _tick(picture, placed, scale)
    for _, mark in placed.marks:
        x, y = _scaled(mark, scale)
        ends = ((x - across[0], y - across[1]), (x + across[0], y + across[1]))
        draw_line(picture, ends, (1.0, 1.0), TEXT)


def write_depths(
    picture: Picture,
    placed: Placed | NotPlaced,
    scale: tuple[float, float],
    tags: Sequence[Box],
) -> None:
    """Write the depth of each mark, and what the line is; or why there is none.

    It comes after the regions: half a number under a contour would be another number. A mark
    beneath a tag has its tick alone.

    Args:
        picture: uint8 (H, W, 3), drawn on.
        placed: as `place` gives it.
        scale: (x, y) picture pixels per source pixel.
        tags: (x0, y0, x1, y1) that nothing may be written over.
    """
    unit = _unit(picture)
    corner = round(6 * unit), round(18 * unit)
    if isinstance(placed, NotPlaced):
        _write(picture, f"NO GUIDE LINE: {placed.why}", corner, ())
        return
    across = _tick(picture, placed, scale)
    for mm, mark in placed.marks:
        x, y = _scaled(mark, scale)
        at = round(x + abs(across[0]) + 6 * unit), round(y + 4 * unit)
        _write(picture, f"{mm:g} mm", at, tags)
    _write(picture, _HEAD, corner, ())


def _unit(picture: Picture) -> float:
    height, width = picture.shape[:2]
    return max(1.0, float(max(height, width)) / 800)


def _tick(picture: Picture, placed: Placed, scale: tuple[float, float]) -> Point:
    """Half a tick, at right angles to the line, in pixels of the picture."""
    (x0, y0), (x1, y1) = (_scaled(end, scale) for end in placed.ends_px)
    size = _TICK_PX * _unit(picture) / max(math.hypot(x1 - x0, y1 - y0), 1e-9)
    return -(y1 - y0) * size, (x1 - x0) * size


def _scaled(point: Point, scale: tuple[float, float]) -> Point:
    return (point[0] + 0.5) * scale[0] - 0.5, (point[1] + 0.5) * scale[1] - 0.5


def _write(picture: Picture, text: str, at: tuple[int, int], tags: Sequence[Box]) -> None:
    """Write on a dark ground, kept within the picture; not at all where a tag lies."""
    size, pad = _SIZE * _unit(picture), 2
    width, height = text_size(text, size)
    x = max(pad, min(at[0], picture.shape[1] - width - pad))
    y = max(height + pad, min(at[1], picture.shape[0] - 1 - 2 * pad))
    box = x - pad, y - height - pad, x + width + pad, y + 2 * pad
    if any(shared_px(box, tag) for tag in tags):
        return
    picture[box[1] : box[3], box[0] : box[2]] = EDGE
    put_text(picture, text, (x, y), size, TEXT)
