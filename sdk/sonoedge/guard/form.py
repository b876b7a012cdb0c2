"""What can be said of a frame without looking at its picture."""

from __future__ import annotations

import math

import numpy as np

from sonoedge.analysis import Reason
from sonoedge.frames import Frame
from sonoedge.guard.settings import GuardSettings

Box = tuple[int, int, int, int]
_UINT8 = np.dtype(np.uint8)


def form(frame: Frame, settings: GuardSettings) -> Reason | None:
    """What is wrong with the form of a frame's pixels, if anything."""
    pixels = frame.pixels
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
    """What is wrong with a frame's probe, preset, spacing or aspect, if anything."""
    if not _allowed(frame.meta.probe, settings.probes):
        return Reason.PROBE_NOT_ALLOWED
    if not _allowed(frame.meta.preset, settings.presets):
        return Reason.PRESET_NOT_ALLOWED
    if frame.spacing_mm is None:
        if settings.spacing_required:
            return Reason.SPACING_MISSING
    # Millimetres from such a spacing would look like measurements.
    elif not all(math.isfinite(mm) and mm > 0 for mm in frame.spacing_mm):
        return Reason.SPACING_INVALID
    if settings.aspect is not None:
        x0, y0, x1, y1 = box
        smallest, largest = settings.aspect
        if not smallest <= (x1 - x0) / (y1 - y0) <= largest:
            return Reason.WRONG_ASPECT
    return None


def _allowed(name: str | None, names: tuple[str, ...] | None) -> bool:
    if names is None:
        return True
    return name is not None and name.strip().casefold() in {n.strip().casefold() for n in names}
