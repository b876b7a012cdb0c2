"""How a picture is resized to a network's input: exactly, as defined here in whole numbers.

OpenCV's usual interpolations are not the same everywhere: the kernels of a processor's maker
stand in for them, and their float arithmetic rounds otherwise on ARM than on x86-64. Two of
its interpolations are exact, and a resize is made of these alone:

**linear** (`INTER_LINEAR_EXACT`), from n pixels to m along one axis. In float64, for the
output pixel i: `f = (1.0 / (m / n)) * (i + 0.5) - 0.5`, `left = floor(f)`, and the weight of
the pixel at the right is `c = rint((f - left) * 256)` (ties to even) of 256. Where
`left < 0` the first pixel alone counts, where `left >= n - 1` the last. Rows first, with no
rounding: `r = (256 - c) * p[left] + c * p[left + 1]`; then columns of these with their own
weight, `v = (256 - c) * r[top] + c * r[top + 1]`; the pixel is `(v + 32768) >> 16`.

**blocks** (`INTER_AREA` by whole factors), kx by ky pixels averaged to one: their sum s, an
integer; for 2 x 2 `(s + 2) >> 2`; for all others the float32 product of s with the float32
nearest to `1 / (kx * ky)`, rounded to the nearest integer, ties to even.

From (w, h) to (W, H), with whole-number division:

- w = W and h = H: the pixels as they are;
- a = w / W and b = h / H are both 2 or more and divide w and h: blocks of a x b, then linear
  if a size is left to change (by less than one and a half);
- otherwise a = max(1, (2 w + W) / (2 W)) and b alike, the nearest whole factors: linear to
  (a W, b H) if that is another size, then blocks of a x b if one of them is not 1.

Linear alone would skip pixels of a picture that shrinks by more than one and a half, and
blocks alone do not fit every size. The second order costs more, by the pixels between.
"""

from __future__ import annotations

from typing import Final

import cv2

Step = tuple[int, int, int]  # columns and rows of the result, OpenCV's interpolation

LINEAR: Final = cv2.INTER_LINEAR_EXACT
BLOCKS: Final = cv2.INTER_AREA


def steps(w: int, h: int, width: int, height: int) -> tuple[Step, Step | None]:
    """The one or two resizes from (w, h) to (width, height).

    Returns:
        (columns, rows, interpolation) of each; the first may have the size that there is.
    """
    a, b = w // width, h // height
    if a >= 2 and b >= 2 and w % a == 0 and h % b == 0:
        first = (w // a, h // b, BLOCKS)
        return first, None if first[:2] == (width, height) else (width, height, LINEAR)
    a, b = _nearest(w, width), _nearest(h, height)
    last = (width, height, BLOCKS)
    if (a * width, b * height) == (w, h):
        return last, None
    if a == b == 1:
        return (width, height, LINEAR), None
    return (a * width, b * height, LINEAR), last


def earlier_steps(w: int, h: int, width: int, height: int) -> tuple[Step, Step | None]:
    """The resizes of bundles from before the exact one; on ARM they may differ by a level.

    Area interpolation. A large picture is first averaged over whole blocks, what is left to
    shrink is linear. Where one side shrinks and the other grows, `INTER_AREA` picks single
    pixels on the shrinking side: shrink first, then grow.
    """
    a, b = w // width, h // height
    k = min(a, b)
    if k >= 2 and w % k == 0 and h % k == 0 and max(a, b) < 2 * k:
        first = (w // k, h // k, BLOCKS)
        return first, None if first[:2] == (width, height) else (width, height, cv2.INTER_LINEAR)
    last = (width, height, cv2.INTER_AREA)
    if (w > width and h < height) or (w < width and h > height):
        return (min(w, width), min(h, height), cv2.INTER_AREA), last
    return last, None


def _nearest(n: int, m: int) -> int:
    return max(1, (2 * n + m) // (2 * m))
