"""What a log should say of a stopped frame beyond the reason's token."""

from __future__ import annotations

from typing import cast

import numpy as np

from sonoedge.analysis import Reason
from sonoedge.frames import Frame
from sonoedge.guard.form import Box
from sonoedge.guard.settings import GuardSettings
from sonoedge.processing.geometry import pixel_aspect


def detail(
    reason: Reason | None, frame: Frame, settings: GuardSettings, box: Box | None = None
) -> str:
    """One sentence on why a frame was stopped; "" where the token says it all.

    Args:
        reason: as the guard gave it.
        settings: those that the frame was judged by.
        box: (x0, y0, x1, y1) of the region of interest in the frame, where that is known.
    """
    if reason is Reason.WRONG_DTYPE:
        return _dtype(frame)
    if reason is Reason.WRONG_SHAPE:
        return (
            f"pixels have the shape {frame.pixels.shape}; they must be (H, W) or (H, W, 3), "
            f"with sides of at most {settings.max_side_px}"
        )
    if reason is Reason.SPACING_INVALID:
        return _scale(frame)
    if reason is Reason.FRAME_INVALID:
        return frame.meta.invalid or ""
    if reason is Reason.WRONG_ASPECT and box is not None and settings.aspect is not None:
        return _aspect(frame, box, settings.aspect)
    return ""


def _dtype(frame: Frame) -> str:
    pixels = cast("object", frame.pixels)  # whatever stands there
    if isinstance(pixels, np.ndarray):
        return f"pixels are {pixels.dtype}; they must be uint8"
    return f"pixels must be a NumPy array of uint8, not {type(pixels).__name__}"


def _scale(frame: Frame) -> str:
    if frame.spacing_mm is None:
        return f"a pixel's width over its height is {frame.pixel_aspect}"
    rows, columns = frame.spacing_mm
    height = frame.pixels.shape[0]
    return (
        f"spacing {rows:g} mm (rows), {columns:g} mm (columns): {rows * height:.4g} mm over the "
        f"picture's {height} rows"
    )


def _aspect(frame: Frame, box: Box, limits: tuple[float, float]) -> str:
    x0, y0, x1, y1 = box
    ratio = (x1 - x0) / (y1 - y0) * pixel_aspect(frame.spacing_mm, frame.pixel_aspect)
    return (
        f"the region of interest, {x1 - x0} x {y1 - y0} pixels, is {ratio:.3g} times as wide as "
        f"high; from {limits[0]:g} to {limits[1]:g} is allowed"
    )
