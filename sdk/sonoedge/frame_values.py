"""Is what a frame says of itself of the kind that it must be?

A frame is built by a host, often from a driver's or a network's values: whatever stands in
it is an outcome of that frame, and never the end of a session.
"""

from __future__ import annotations

import math
import reprlib
from typing import Final, cast

import numpy as np

from sonoedge.analysis import Reason
from sonoedge.frames import NO_META, Frame, FrameMeta

MAX_TEXT: Final = 1024  # characters of a probe's or a preset's name
_INTEGERS = (int, np.integer)
_NUMBERS = (int, float, np.integer, np.floating)


def capture_time(frame: object) -> int | None:
    """A frame's `captured_ns`; None where it is no whole number of 64 bits."""
    return _nanoseconds(getattr(frame, "captured_ns", None))


def value_fault(frame: Frame) -> tuple[Reason, str] | None:
    """What is wrong with a frame's capture time, scale or metadata, if anything, and a sentence.

    Raises:
        TypeError: it is no frame at all.
    """
    if not isinstance(frame, Frame):
        raise TypeError(f"a frame must be a Frame, not {_short(frame)}")
    if capture_time(frame) is None:
        return (
            Reason.CAPTURE_TIME_INVALID,
            "captured_ns must be a whole number of nanoseconds, as time.monotonic_ns() gives it, "
            f"not {_short(getattr(frame, 'captured_ns', None))}",
        )
    if frame.recorded_ns is not None and _nanoseconds(frame.recorded_ns) is None:
        return (
            Reason.CAPTURE_TIME_INVALID,
            "recorded_ns must be a whole number of nanoseconds, or None, "
            f"not {_short(frame.recorded_ns)}",
        )
    if not (frame.spacing_mm is None or _is_pair(frame.spacing_mm)):
        return (
            Reason.SPACING_INVALID,
            f"spacing_mm must be two numbers (rows, columns), not {reprlib.repr(frame.spacing_mm)}",
        )
    if not (frame.pixel_aspect is None or _is_number(frame.pixel_aspect)):
        return (
            Reason.SPACING_INVALID,
            f"pixel_aspect must be a number, or None, not {_short(frame.pixel_aspect)}",
        )
    meta = cast("object", frame.meta)  # whatever stands there
    if meta is NO_META:
        return None
    if not isinstance(meta, FrameMeta):
        return Reason.METADATA_INVALID, f"meta must be FrameMeta, not {_short(meta)}"
    for name in ("probe", "preset"):
        text = getattr(meta, name)
        if text is not None and not (isinstance(text, str) and len(text) <= MAX_TEXT):
            return (
                Reason.METADATA_INVALID,
                f"meta.{name} must be text of at most {MAX_TEXT} characters, or None",
            )
    for name in ("depth_mm", "gain_db"):
        number = getattr(meta, name)
        if number is not None and not (_is_number(number) and math.isfinite(number)):
            return Reason.METADATA_INVALID, f"meta.{name} must be a finite number, or None"
    if not isinstance(cast("object", meta.frozen), bool | np.bool_):
        return Reason.METADATA_INVALID, "meta.frozen must be True or False"
    return None


def _nanoseconds(value: object) -> int | None:
    if not isinstance(value, _INTEGERS) or isinstance(value, bool):
        return None
    ns = int(value)
    return ns if -(1 << 63) <= ns < 1 << 63 else None


def _is_pair(spacing: object) -> bool:
    """Whether these are two numbers, of which a host's code may have made anything else."""
    values = spacing.tolist() if isinstance(spacing, np.ndarray) else spacing
    return isinstance(values, tuple | list) and len(values) == 2 and all(map(_is_number, values))


def _is_number(value: object) -> bool:
    """Whether a float can hold it; NaN and infinity are numbers here."""
    if not isinstance(value, _NUMBERS):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _short(value: object) -> str:
    """The kind of a value: its text may be a patient's."""
    return type(value).__name__
