"""Labelled frames, at the size that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from subject import Picture

from sonoedge_export.data.labelled import read_labelled


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """One frame.

    Attributes:
        pixels: grey levels, uint8 (H, W).
        lesion: True inside a lesion, bool (H, W).
    """

    pixels: Picture
    lesion: npt.NDArray[np.bool_]


def frames(files: Sequence[Path], split: str | None, size: tuple[int, int]) -> list[Labelled]:
    """The frames that some frames.json name, stretched to (width, height).

    Args:
        split: of that alone; None for all.

    Raises:
        InvalidData: a file, a picture or a mask cannot be read, or no frame is left.
    """
    read = []
    for file in files:
        for entry in read_labelled(file, split):
            pixels = entry.pixels()
            lesion = entry.truth(pixels.shape).astype(np.uint8)
            read.append(
                Labelled(
                    pixels=np.asarray(
                        cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8
                    ),
                    lesion=cv2.resize(lesion, size, interpolation=cv2.INTER_NEAREST) > 0,
                )
            )
    return read
