"""The guard of one stream: all checks, the cheap ones first."""

from __future__ import annotations

from sonoedge.analysis import Reason
from sonoedge.frames import Frame
from sonoedge.guard.bars import bars
from sonoedge.guard.colour import coloured
from sonoedge.guard.contact import in_air
from sonoedge.guard.form import Box, stated
from sonoedge.guard.frozen import Frozen
from sonoedge.guard.levels import levels
from sonoedge.guard.settings import GuardSettings


class Guard:
    """The content checks, with the memory that tells a frozen picture.

    Attributes:
        settings: see there.
        frozen: that memory; None where the check is off.
    """

    def __init__(self, settings: GuardSettings) -> None:
        self.settings = settings
        after_ms = settings.frozen_after_ms
        self.frozen = None if after_ms is None else Frozen(after_ms)

    def content(self, frame: Frame, box: Box) -> Reason | None:
        """What is wrong with a well-formed frame's picture in `box`, if anything.

        Args:
            box: (x0, y0, x1, y1) of the region of interest in the frame, not empty.
        """
        settings = self.settings
        x0, y0, x1, y1 = box
        picture = frame.pixels[y0:y1, x0:x1]
        # First, so that the memory takes every frame.
        frozen = self.frozen is not None and self.frozen(picture, frame.stream_ns)
        if frame.meta.invalid is not None:
            return Reason.FRAME_INVALID
        reason = stated(frame, box, settings)
        if reason is not None:
            return reason
        if frame.meta.frozen or frozen:
            return Reason.FRAME_FROZEN
        reason = levels(picture, settings)
        if reason is not None:
            return reason
        if settings.bars_contrast is not None and bars(picture, settings.bars_contrast):
            return Reason.COLOUR_BARS
        if (
            picture.ndim == 3
            and settings.colour_level is not None
            and coloured(picture, settings.colour_level) >= settings.colour_share
        ):
            return Reason.COLOUR_OVERLAY
        if settings.air_structure is not None and in_air(picture, settings.air_structure):
            return Reason.NO_CONTACT
        return None

    def reset(self) -> None:
        """Forget the frames seen so far."""
        if self.frozen is not None:
            self.frozen.reset()
