"""Frames of a labelled folder, at the size that is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from subject import Picture


def frames(file: Path, size: tuple[int, int]) -> list[Picture]:
    """The pictures that a frames.json names, uint8, resized to (width, height)."""
    rows = json.loads(file.read_text())["frames"]
    pictures = []
    for row in rows:
        picture = cv2.imread(str(file.parent / row["image"]), cv2.IMREAD_GRAYSCALE)
        if picture is not None:
            resized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
            pictures.append(np.asarray(resized, dtype=np.uint8))
    return pictures
