"""Frames from a NumPy array."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidData
from sonoedge.sources.picture import Contents, Picture


def array(
    pixels: npt.NDArray[Any],
    *,
    fps: float | None = None,
    spacing_mm: tuple[float, float] | None = None,
    name: str = "array",
) -> Contents:
    """The frames of an array, as read-only views of it.

    Args:
        pixels: uint8, (N, H, W) grey or (N, H, W, 3) BGR.
        fps: frames per second; None where the frames have no times.
        spacing_mm: (rows, columns) millimetres per pixel, or None.
        name: what to call the source.

    Raises:
        InvalidData: the array is not such frames.
    """
    if pixels.dtype != np.uint8:
        raise InvalidData(f"frames must be uint8, not {pixels.dtype}")
    if not (pixels.ndim == 3 or (pixels.ndim == 4 and pixels.shape[3] == 3)):
        raise InvalidData(f"frames must be (N, H, W) or (N, H, W, 3), not {pixels.shape}")

    def pictures() -> Generator[Picture, None, None]:
        for index, view in enumerate(pixels):
            view = view.view()
            view.flags.writeable = False  # the caller's pixels stay the caller's
            time_s = None if fps is None else index / fps
            yield Picture(pixels=view, time_s=time_s, spacing_mm=spacing_mm)

    return Contents(
        name=name,
        pictures=pictures,
        count=len(pixels),
        fps=fps,
        times="none" if fps is None else "own",
    )
