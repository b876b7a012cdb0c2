"""What is remembered of one stream from frame to frame: its last picture, and its tracks.

An analysis depends on it. So it can be taken out as plain values and put back: a recording that
begins in the middle of a stream is analysed again as the stream was.
"""

from __future__ import annotations

from dataclasses import dataclass

from sonoedge.frames import Frame
from sonoedge.guard import Guard, GuardSettings
from sonoedge.guard.frozen import FrozenState
from sonoedge.processing.tracker_state import Box, Scene, TrackerState
from sonoedge.processing.tracking import Tracker, TrackingSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreamState:
    """A stream's memory as plain values.

    Attributes:
        frozen: the guard's; None where it does not look for frozen pictures.
        tracker: None where nothing tracks.
    """

    frozen: FrozenState | None
    tracker: TrackerState | None


class StreamMemory:
    """The memory of one stream.

    Args:
        tracking: None where nothing tracks.
        threshold: the operating point's, for tracking settings that leave theirs out.

    Attributes:
        guard, tracker: of this stream alone.
    """

    def __init__(
        self, guard: GuardSettings, tracking: TrackingSettings | None, threshold: float
    ) -> None:
        self.guard = Guard(guard)
        self.tracker = None if tracking is None else Tracker(tracking, threshold)

    def state(self) -> StreamState:
        """All that is remembered."""
        frozen = self.guard.frozen
        return StreamState(
            frozen=None if frozen is None else frozen.state(),
            tracker=None if self.tracker is None else self.tracker.state(),
        )

    def restore(self, state: StreamState) -> None:
        """Go on from where another memory of the same settings was."""
        if self.guard.frozen is not None and state.frozen is not None:
            self.guard.frozen.restore(state.frozen)
        if self.tracker is not None and state.tracker is not None:
            self.tracker.restore(state.tracker)


def scene(frame: Frame, roi_px: Box, aspect: float) -> Scene:
    """What a frame's tracks hang on: its picture's scale and content.

    Args:
        roi_px: (x0, y0, x1, y1) of the region of interest in the frame.
        aspect: a pixel's width over its height.
    """
    meta = frame.meta
    height, width = frame.pixels.shape[:2]
    return Scene(
        probe=meta.probe,
        preset=meta.preset,
        depth_mm=None if meta.depth_mm is None else float(meta.depth_mm),
        height=height,
        width=width,
        roi_px=roi_px,
        aspect=aspect,
    )
