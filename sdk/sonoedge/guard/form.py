"""What can be said of a frame without looking at its picture."""

from __future__ import annotations

import math
from typing import cast

import numpy as np

from sonoedge.analysis import Reason
from sonoedge.frames import Frame
from sonoedge.guard.settings import GuardSettings
from sonoedge.processing.geometry import pixel_aspect

Box = tuple[int, int, int, int]
_UINT8 = np.dtype(np.uint8)


def form(frame: Frame, settings: GuardSettings) -> Reason | None:
    """What is wrong with the form of a frame's pixels, if anything."""
    pixels = cast("object", frame.pixels)  # whatever stands there
    if not isinstance(pixels, np.ndarray) or pixels.dtype != _UINT8:
        return Reason.WRONG_DTYPE
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
        return Reason.WRONG_SHAPE
    if pixels.size == 0:
        return Reason.EMPTY
    if max(pixels.shape[:2]) > settings.max_side_px:
        return Reason.WRONG_SHAPE
    return None


def stated(frame: Frame, box: Box, settings: GuardSettings) -> Reason | None:
    """What is wrong with a frame's probe, preset, spacing or aspect, if anything.

    Args:
        frame: one with a scale of numbers, as `sonoedge.frame_values.value_fault` finds it.
        box: (x0, y0, x1, y1) of the region of interest in the frame, not empty.
    """
    if not allowed(frame.meta.probe, settings.probes):
        return Reason.PROBE_NOT_ALLOWED
    if not allowed(frame.meta.preset, settings.presets):
        return Reason.PRESET_NOT_ALLOWED
    if frame.spacing_mm is None and settings.spacing_required:
        return Reason.SPACING_MISSING
    x0, y0, x1, y1 = box
    # Millimetres from such a scale would look like measurements.
    if not _plausible(frame, y1 - y0, settings):
        return Reason.SPACING_INVALID
    if settings.aspect is not None:
        smallest, largest = settings.aspect
        squared = (x1 - x0) * pixel_aspect(frame.spacing_mm, frame.pixel_aspect)
        if not smallest <= squared / (y1 - y0) <= largest:
            return Reason.WRONG_ASPECT
    return None


def _plausible(frame: Frame, rows: int, settings: GuardSettings) -> bool:
    """Whether the scale is one that an ultrasound picture of so many rows can have."""
    spacing, aspect = frame.spacing_mm, frame.pixel_aspect
    if spacing is not None:
        if not all(math.isfinite(mm) and mm > 0 for mm in spacing):
            return False
        if settings.depth_mm is not None:
            smallest, largest = settings.depth_mm
            if not smallest <= spacing[0] * rows <= largest:
                return False
        aspect = spacing[1] / spacing[0]
    if aspect is None:
        return True
    lowest, highest = settings.pixel_aspect or (0.0, math.inf)
    return math.isfinite(aspect) and aspect > 0 and lowest <= aspect <= highest


def allowed(name: str | None, names: tuple[str, ...] | None) -> bool:
    """Whether a probe's or preset's name is one of these; None allows all."""
    if names is None:
        return True
    return name is not None and name.strip().casefold() in {n.strip().casefold() for n in names}
