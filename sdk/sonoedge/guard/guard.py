"""Is this frame fit to be analysed?

The guard sees the region of interest alone: what lies outside it has no say.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Reason
from sonoedge.errors import InvalidSettings
from sonoedge.frames import Frame

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """When a frame is stopped.

    Attributes:
        frozen_after_ms: pixels unchanged for this long are a frozen picture, in
            milliseconds of capture time; None switches the check off. Scanners
            repeat a frame now and then, so one repetition is no freeze.
        saturated_level: grey level from which a pixel counts as saturated.
        saturated_share: share of saturated pixels that stops a frame, in (0, 1].
        constant_range: a frame whose grey levels span no more than this is constant.
        max_side_px: a frame with a longer side is refused.
    """

    frozen_after_ms: float | None = 500.0
    saturated_level: int = 250
    saturated_share: float = 0.5
    constant_range: int = 2
    max_side_px: int = 8192

    def __post_init__(self) -> None:
        if self.frozen_after_ms is not None and self.frozen_after_ms <= 0:
            raise InvalidSettings("frozen_after_ms must be above 0, or None")
        if not 1 <= self.saturated_level <= 255:
            raise InvalidSettings("saturated_level must be 1 to 255")
        if not 0 < self.saturated_share <= 1:
            raise InvalidSettings("saturated_share must be above 0 and at most 1")
        if not 0 <= self.constant_range <= 254:
            raise InvalidSettings("constant_range must be 0 to 254")


def form(frame: Frame, settings: GuardSettings) -> Reason | None:
    """What is wrong with the form of a frame's pixels, if anything."""
    pixels = frame.pixels
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
        return Reason.WRONG_DTYPE
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
        return Reason.WRONG_SHAPE
    if pixels.size == 0:
        return Reason.EMPTY
    if max(pixels.shape[:2]) > settings.max_side_px:
        return Reason.WRONG_SHAPE
    return None


class Guard:
    """The content checks, with the memory that tells a frozen picture."""

    def __init__(self, settings: GuardSettings) -> None:
        self.settings = settings
        self._last: npt.NDArray[np.uint8] | None = None
        self._since_ns = 0

    def content(self, frame: Frame, box: Box) -> Reason | None:
        """What is wrong with a well-formed frame's picture in `box`, if anything."""
        x0, y0, x1, y1 = box
        picture = frame.pixels[y0:y1, x0:x1]
        frozen = self._frozen(picture, frame.captured_ns)
        if frame.meta.frozen or frozen:
            return Reason.FRAME_FROZEN
        settings = self.settings
        # A sample tells nearly always; only a sample that looks constant asks for every pixel.
        sample = picture[::4, ::4]
        if int(sample.max()) - int(sample.min()) <= settings.constant_range:
            low, high, _, _ = cv2.minMaxLoc(np.ascontiguousarray(picture).reshape(-1, 1))
            if high - low <= settings.constant_range:
                return Reason.CONSTANT
        bright = np.count_nonzero(sample >= settings.saturated_level)
        if bright >= settings.saturated_share * sample.size:
            return Reason.SATURATED
        return None

    def reset(self) -> None:
        """Forget the frames seen so far."""
        self._last = None

    def _frozen(self, picture: npt.NDArray[np.uint8], captured_ns: int) -> bool:
        limit_ms = self.settings.frozen_after_ms
        if limit_ms is None:
            return False
        last = self._last
        if last is not None and last.shape == picture.shape:
            # Live pictures differ in the first rows looked at; a still one needs the whole.
            same = np.array_equal(last[::32], picture[::32]) and np.array_equal(last, picture)
            if same:
                return captured_ns - self._since_ns >= limit_ms * 1e6
            np.copyto(last, picture)
        else:
            self._last = picture.copy()
        self._since_ns = captured_ns
        return False
