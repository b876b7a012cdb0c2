"""Frames and their results, joined by the frame's id: never the newest of each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Analysis
from sonoedge.frames import Frame
from sonoedge.session.describing import RegionDescription
from sonoedge.view.message import picture, picture_message

_KEPT: Final = 8  # a session has a frame at the engine and one that waits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shown:
    """A frame as it will be shown; pixels are a copy."""

    frame: Frame
    pixels: npt.NDArray[np.uint8] | None


class Newest(NamedTuple):
    """What a viewer is sent.

    Attributes:
        frame_id, age_ms: of the frame; the age when its result came.
        message: see `sonoedge.view.message.picture_message`.
        since_ns: when the result came.
    """

    frame_id: int
    age_ms: float
    message: bytes
    since_ns: int


class ViewFeed:
    """The newest frame whose result is known. Any thread may call any method.

    Without a viewer it keeps nothing and copies nothing.

    Args:
        clock_ns: the clock that says how long a picture has waited.
    """

    def __init__(self, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock_ns = clock_ns
        self._lock = threading.Lock()
        self._frames: dict[int, _Shown] = {}
        self._results: dict[int, Analysis] = {}
        self._newest: tuple[_Shown, Analysis, int] | None = None
        self._on_newest: Callable[[], None] = lambda: None
        self._described: Callable[[], RegionDescription | None] = lambda: None
        self.watched = False

    def tell(self, on_newest: Callable[[], None]) -> None:
        """Call this, on whatever thread, each time when there is a newer picture."""
        self._on_newest = on_newest

    def ask_descriptions(self, described: Callable[[], RegionDescription | None]) -> None:
        """Ask this for the newest description, on whatever thread, for each picture."""
        self._described = described

    def add_frame(self, frame_id: int, frame: Frame) -> None:
        """Take a frame that was submitted, by the id that it was given."""
        if not self.watched:
            return
        shown = _Shown(frame=frame, pixels=picture(frame))
        with self._lock:
            self._frames[frame_id] = shown
            joined = self._join(frame_id)
        if joined:
            self._on_newest()

    def add_result(self, analysis: Analysis) -> None:
        """Take a result. It may come before its frame does."""
        if not self.watched:
            return
        with self._lock:
            self._results[analysis.frame_id] = analysis
            joined = self._join(analysis.frame_id)
        if joined:
            self._on_newest()

    def newest(self, after: int, drawn_ms: float | None = None) -> Newest | None:
        """The newest frame with its message; None where it is not newer than that id.

        Args:
            after: the id of the frame that the viewer had last.
            drawn_ms: how long after its capture that one was on his screen.
        """
        with self._lock:
            newest = self._newest
        if newest is None or newest[1].frame_id <= after:
            return None
        shown, analysis, since_ns = newest
        waited_ms = (self._clock_ns() - since_ns) / 1e6
        message = picture_message(
            shown.pixels, shown.frame, analysis, waited_ms, drawn_ms, self._described()
        )
        return Newest(analysis.frame_id, analysis.age_ms, message, since_ns)

    def since_ms(self, newest: Newest) -> float:
        """Milliseconds from that frame's capture until now."""
        return newest.age_ms + (self._clock_ns() - newest.since_ns) / 1e6

    def _join(self, frame_id: int) -> bool:
        for held in (self._frames, self._results):
            while len(held) > _KEPT:  # superseded frames have no result
                del held[min(held)]
        if frame_id not in self._frames or frame_id not in self._results:
            return False
        shown, analysis = self._frames.pop(frame_id), self._results.pop(frame_id)
        if self._newest is not None and self._newest[1].frame_id > frame_id:
            return False
        self._newest = (shown, analysis, self._clock_ns())
        return True
