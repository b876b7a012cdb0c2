"""Drawn frames: grey speckle with dark discs, whose place is known."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]


def drawn(
    number: int, *, height: int = 120, width: int = 160, disc: bool = True
) -> tuple[Picture, Picture]:
    """A frame and its mask, uint8 (H, W). The disc is darker in odd frames."""
    rng = np.random.default_rng(number)
    pixels = rng.integers(140, 200, (height, width), dtype=np.uint8)
    mask = np.zeros((height, width), dtype=np.uint8)
    if disc:
        centre = (int(rng.integers(45, width - 45)), int(rng.integers(40, height - 40)))
        radius = int(rng.integers(14, 24))
        cv2.circle(mask, centre, radius, 255, -1)
        pixels[mask > 0] = 10 if number % 2 else 55
    return pixels, mask


def write_frames(folder: Path, count: int = 8, *, first: int = 0) -> Path:
    """A frames.json with `count` drawn frames, the last one without a disc.

    Args:
        first: number of the first one; other numbers are other pictures.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for n in range(count):
        disc = n < count - 1
        pixels, mask = drawn(first + n, disc=disc)
        cv2.imwrite(str(folder / f"f{n}.png"), pixels)
        cv2.imwrite(str(folder / f"m{n}.png"), mask)
        label = "normal" if not disc else "malignant" if n % 2 else "benign"
        rows.append({"image": f"f{n}.png", "mask": f"m{n}.png", "label": label})
        rows[-1] |= {"split": "test" if n % 4 == 3 else "train", "spacing_mm": [0.2, 0.2]}
    file = folder / "frames.json"
    file.write_text(json.dumps({"name": "drawn", "frames": rows}))
    return file
