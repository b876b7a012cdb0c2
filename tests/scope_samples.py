"""Frames in scope and of something else, and the small bundle that can be taught."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

TEXTURED = Path(__file__).parent / "data" / "textured"

Picture = npt.NDArray[np.uint8]


def speckle(number: int) -> Picture:
    """A frame in scope: grey speckle with a dark disc."""
    rng = np.random.default_rng(number)
    pixels = rng.integers(120 + number % 30, 190, (120, 160), dtype=np.uint8)
    cv2.circle(pixels, (60 + number % 40, 60), 15 + number % 7, 40, -1)
    return pixels


def stripes(number: int) -> Picture:
    """A frame of something else: steep edges from left to right."""
    rng = np.random.default_rng(number)
    row = np.where((np.arange(160) + number) % 16 < 4, 230, 30)
    return np.clip(row + rng.integers(-20, 20, (120, 160)), 0, 255).astype(np.uint8)


def write_pictures(folder: Path, make: Callable[[int], Picture], numbers: Iterable[int]) -> Path:
    """A folder of frames."""
    folder.mkdir()
    for n in numbers:
        cv2.imwrite(str(folder / f"{n:03d}.png"), make(n))
    return folder
