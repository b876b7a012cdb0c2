"""A B-mode frame as it comes from a scanner."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameMeta:
    """What the scanner says of a frame; None where it says nothing.

    Attributes:
        probe: the transducer's name.
        preset: the examination preset's name.
        depth_mm: imaging depth in millimetres.
        gain_db: overall gain in decibels.
        frozen: True while the operator has frozen the picture.
        file: name of the file that the frame is of, without its folder.
        invalid: why the source says that this is no valid picture, such as a recorder's
            mark or a file that cannot be decoded; such a frame is not analysed.
    """

    probe: str | None = None
    preset: str | None = None
    depth_mm: float | None = None
    gain_db: float | None = None
    frozen: bool = False
    file: str | None = None
    invalid: str | None = None


NO_META: Final = FrameMeta()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One frame. It is taken as it comes: the guard judges it, not the constructor.

    Attributes:
        pixels: uint8, (H, W) grey or (H, W, 3) in OpenCV's order BGR. The SDK
            never writes to it, and keeps no reference after the call returns.
        captured_ns: monotonic clock (`time.monotonic_ns`) at capture, from which a result's
            age counts.
        spacing_mm: (rows, columns) millimetres per pixel, or None. Where the two differ, the
            network is given the picture in square pixels; results stay in source pixels.
        pixel_aspect: width of a pixel divided by its height, where the source says it
            without a spacing, as video does; None where it does not.
        roi_px: (x0, y0, x1, y1) where the picture lies within the pixels, where the
            source knows; a region of interest in the settings goes before it.
        meta: what the scanner says of the frame.
        recorded_ns: of a frame that is read from a recording, its time on the recording's own
            clock, so that a busy machine changes no result. A live session has one clock, and
            leaves it out.
    """

    pixels: npt.NDArray[np.uint8]
    captured_ns: int = field(default_factory=time.monotonic_ns)
    spacing_mm: tuple[float, float] | None = None
    pixel_aspect: float | None = None
    roi_px: tuple[int, int, int, int] | None = None
    meta: FrameMeta = NO_META
    recorded_ns: int | None = None

    @property
    def stream_ns(self) -> int:
        """What the freeze test and the tracker go by: the recording's clock, or the capture."""
        return self.captured_ns if self.recorded_ns is None else self.recorded_ns
