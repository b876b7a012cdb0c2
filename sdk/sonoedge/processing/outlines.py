"""Connected parts of a map at a threshold, as outlines of whole cells."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.uint8]
Outline = npt.NDArray[np.int32]  # (N, 1, 2), as OpenCV gives outlines
Box = tuple[int, int, int, int]


class Part(NamedTuple):
    """One connected part; a tuple, as one is made for every region of every frame.

    Attributes:
        outline: its outer outline, (x, y) in cells of the whole map.
        box: (x, y, width, height) of the outline.
        solid: uint8, shape (height, width), not 0 inside the outline.
    """

    outline: Outline
    box: Box
    solid: Map

    def mean(self, values: Map) -> float:
        """Mean probability of a whole map, uint8 (h, w), inside the outline."""
        x, y, w, h = self.box
        return cv2.mean(values[y : y + h, x : x + w], self.solid)[0] / 255.0


def parts(values: Map, within: Box, level: int, *, min_cells: float, max_parts: int) -> list[Part]:
    """The connected parts at a level, the largest first.

    After an engine has run, each different native function finds cold caches: so there
    are as few of them as will do.

    Args:
        values: the whole map, uint8 (h, w).
        within: (x0, y0, x1, y1) of it where parts are looked for.
        level: from which a cell belongs to a part.
        min_cells: fewest cells of a part; smaller ones are dropped.
        max_parts: at most so many parts.
    """
    x0, y0, x1, y1 = within
    _, mask = cv2.threshold(values[y0:y1, x0:x1], level - 1, 255, cv2.THRESH_BINARY)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=(x0, y0))
    sized = [(cells(outline), outline) for outline in outlines]
    large = [each for each in sized if each[0] >= min_cells]
    if len(large) > 1:
        large.sort(key=lambda each: -each[0])
    # One part without a hole: the mask is solid already.
    is_solid = len(sized) == 1 and len(large) == 1 and large[0][0] == cv2.countNonZero(mask)
    regions = []
    for _, outline in large[:max_parts]:
        x, y, w, h = cv2.boundingRect(outline)
        if is_solid:
            solid = mask[y - y0 : y - y0 + h, x - x0 : x - x0 + w]
        else:
            solid = np.zeros((h, w), dtype=np.uint8)
            cv2.drawContours(solid, [outline], -1, 255, cv2.FILLED, offset=(-x, -y))
        regions.append(
            Part(
                outline=np.asarray(outline, dtype=np.int32),
                box=(x, y, w, h),
                solid=np.asarray(solid, dtype=np.uint8),
            )
        )
    return regions


def cells(outline: cv2.typing.MatLike) -> float:
    """How many cells an outline encloses, its own included (Pick's theorem, 1899)."""
    return cv2.contourArea(outline) + len(outline) / 2 + 1
