"""Pictures drawn in whole numbers alone: the same bytes from every NumPy on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Disc = tuple[int, int, int, int]  # x, y, radius in thousandths of the height; grey level


def speckle(seed: int, height: int, width: int, low: int = 140, high: int = 200) -> Picture:
    """Noise of the levels low to high - 1, uint8 (H, W): each pixel's place is mixed to a number.

    The mixing is that of MurmurHash3's 32-bit finalizer (Appleby 2011, public domain).
    """
    place = np.arange(height * width, dtype=np.uint32) + np.uint32(seed * 0x9E3779B1 % (1 << 32))
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        place ^= place >> np.uint32(shift)
        place *= np.uint32(factor)
    levels = low + (place >> np.uint32(8)) % np.uint32(high - low)
    return levels.astype(np.uint8).reshape(height, width)


def with_discs(picture: Picture, *discs: Disc) -> Picture:
    """Discs over a grey picture, one after the other; a level of -1 is the picture itself."""
    drawn = picture.copy()
    height, width = picture.shape
    ys, xs = np.ogrid[:height, :width]
    for x, y, radius, level in discs:
        dx, dy, r = (1000 * xs - x * height), (1000 * ys - y * height), radius * height
        inside = dx * dx + dy * dy <= r * r
        drawn[inside] = picture[inside] if level < 0 else level
    return drawn


def coloured(picture: Picture, blue: int, green: int, red: int) -> Picture:
    """A grey picture in colour, (H, W, 3) in the order BGR: levels moved by so much, clipped."""
    shifts = np.array([blue, green, red], dtype=np.int16)
    moved = picture[..., None].astype(np.int16) + shifts
    return np.clip(moved, 0, 255).astype(np.uint8)


def with_fourth(picture: Picture, seed: int) -> Picture:
    """(H, W, 4): a fourth channel that says nothing."""
    height, width = picture.shape[:2]
    return np.concatenate([picture, speckle(seed, height, width, 0, 255)[..., None]], axis=2)
