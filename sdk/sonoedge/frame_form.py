"""Can a frame be looked at: what it says of itself, the form of its pixels, its geometry?

A probe's frames say the same, one after the other: what was looked at once is not looked at again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sonoedge.analysis import Reason
from sonoedge.errors import InvalidSettings
from sonoedge.frame_values import value_fault
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings, detail, form
from sonoedge.processing.geometry import Geometry, pixel_aspect
from sonoedge.processing.preprocess import Preprocess

_UINT8 = np.dtype(np.uint8)


class FrameForms:
    """The geometry of frames, where their form is right.

    Args:
        preprocess: whose geometry it is.
    """

    def __init__(self, guard: GuardSettings, preprocess: Preprocess) -> None:
        self._guard, self._preprocess = guard, preprocess
        self._last: tuple[Any, ...] = ()
        self._geometry: Geometry | None = None

    def fit(self, frame: Frame) -> Geometry | tuple[Reason, str]:
        """A frame's geometry, or what is wrong with the frame and a sentence.

        Raises:
            TypeError: it is no frame at all.
        """
        words = _plain(frame)
        if words is not None and words == self._last and self._geometry is not None:
            return self._geometry
        geometry = geometry_of(frame, self._guard, self._preprocess)
        if words is not None and isinstance(geometry, Geometry):
            self._last, self._geometry = words, geometry
        return geometry


def geometry_of(
    frame: Frame, guard: GuardSettings, preprocess: Preprocess
) -> Geometry | tuple[Reason, str]:
    """The geometry of a frame whose form is right, or what is wrong with it and a sentence.

    Raises:
        TypeError: it is no frame at all.
    """
    fault = value_fault(frame)
    if fault is not None:
        return fault
    reason = form(frame, guard)
    if reason is not None:
        return reason, detail(reason, frame, guard, None)
    height, width = frame.pixels.shape[:2]
    aspect = pixel_aspect(frame.spacing_mm, frame.pixel_aspect)
    try:
        return preprocess.geometry(height, width, frame.roi_px, aspect)
    except InvalidSettings:
        return Reason.EMPTY, detail(Reason.EMPTY, frame, guard, None)


def _plain(frame: Frame) -> tuple[Any, ...] | None:
    """What decides over a frame's form, where that is of the commonest types; else None.

    Values of other types may be equal to these and yet be refused.
    """
    if type(frame) is not Frame:
        return None
    pixels, spacing, meta = frame.pixels, frame.spacing_mm, frame.meta
    roi, ns, recorded_ns = frame.roi_px, frame.captured_ns, frame.recorded_ns
    if type(pixels) is not np.ndarray or pixels.dtype is not _UINT8:
        return None
    if type(ns) is not int or recorded_ns is not None or not 0 <= ns < 1 << 63:
        return None
    if frame.pixel_aspect is not None or not (_holds(spacing, float) and _holds(roi, int)):
        return None
    return pixels.shape, spacing, roi, id(meta), meta


def _holds(values: tuple[Any, ...] | None, kind: type) -> bool:
    """Whether these are a tuple of one kind alone, or None."""
    return values is None or (
        type(values) is tuple and all(type(value) is kind for value in values)
    )
