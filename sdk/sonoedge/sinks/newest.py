"""The newest thing that there is to tell peers, and its picture where pictures are asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from sonoedge.analysis import Analysis
from sonoedge.frames import Frame
from sonoedge.sinks.bulletin import Bulletin, bulletin, not_analysed
from sonoedge.sinks.overlay import drawn, without_frame
from sonoedge.sources.live_bounds import spacing_is_credible

Kept = TypeVar("Kept")

_KEPT: Final = 8  # a session has a frame at the engine and one that waits


class Newest:
    """What is told last wins; without anything new for a while, that it is stale. Any thread.

    Args:
        stale_s: so long a result holds.
        pictures: each result is told with the frame that it is of, and waits for it.
        clock_s: the monotonic clock in seconds.
    """

    def __init__(
        self,
        stale_s: float,
        *,
        pictures: bool = False,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stale_s, self._pictures, self._clock_s = stale_s, pictures, clock_s
        self._lock, self._drawing = threading.Lock(), threading.Lock()
        self._frames: dict[int, Frame] = {}
        self._waiting: dict[int, Analysis] = {}
        self._what: Analysis | Bulletin = not_analysed("STARTING", "no frame was analysed yet")
        self._frame: Frame | None = None
        self._last: Frame | None = None
        self._number, self._at_s = 1, clock_s()
        self._told: tuple[int, Bulletin] | None = None

    def add_frame(self, frame_id: int, frame: Frame) -> bool:
        """Keep a frame until its result comes; whether that was there already."""
        if not self._pictures:
            return False
        with self._lock:
            analysis = self._waiting.pop(frame_id, None)
            if analysis is None:
                self._keep(self._frames, frame_id, frame)
                return False
            self._put(analysis, frame)
        return True

    def add(self, analysis: Analysis) -> bool:
        """Take a result; False where it waits for its frame."""
        with self._lock:
            frame = self._frames.pop(analysis.frame_id, None)
            if self._pictures and frame is None:
                self._keep(self._waiting, analysis.frame_id, analysis)
                return False
            self._put(analysis, frame)
        return True

    def add_nothing(self, token: str) -> bool:
        """That there is no picture; False where this is what was told last."""
        with self._lock:
            if isinstance(self._what, Bulletin) and self._what.name == token:
                return False
            self._put(not_analysed(token, token), None)
        return True

    def than(self, number: int) -> tuple[int, Bulletin] | None:
        """What is newer than a number, and its number; None where nothing is."""
        with self._lock:
            left_s = self._left_s()
            if left_s is not None and left_s <= 0:
                self._put(not_analysed("STALE", f"STALE: no result for {self._stale_s:g} s"), None)
            if self._number == number:
                return None
            newest = self._number, self._what, self._frame, self._last
        with self._drawing:  # once for all peers
            if self._told is None or self._told[0] != newest[0]:
                self._told = newest[0], self._bulletin(*newest[1:])
            return self._told

    def left_s(self) -> float | None:
        """Seconds until it grows stale; None where it says already that there is nothing."""
        with self._lock:
            return self._left_s()

    def _left_s(self) -> float | None:
        if isinstance(self._what, Bulletin):
            return None
        return self._at_s + self._stale_s - self._clock_s()

    def _put(self, what: Analysis | Bulletin, frame: Frame | None) -> None:
        self._what, self._frame, self._at_s = what, frame, self._clock_s()
        self._last = frame or self._last
        self._number += 1

    @staticmethod
    def _keep(held: dict[int, Kept], frame_id: int, what: Kept) -> None:
        held[frame_id] = what
        while len(held) > _KEPT:  # superseded frames have no result
            del held[min(held)]

    def _bulletin(
        self, what: Analysis | Bulletin, frame: Frame | None, last: Frame | None
    ) -> Bulletin:
        told = what if isinstance(what, Bulletin) else bulletin(what)
        if last is None:
            return told
        # A picture that nothing replaced would stay on the viewer's screen, with its regions.
        pixels = (
            without_frame(last.pixels.shape[:2], told.text.removeprefix("NOT ANALYSED: "))
            if isinstance(what, Bulletin) or frame is None
            else drawn(frame, what)
        )
        mm = last.spacing_mm
        mm = mm if mm is not None and spacing_is_credible(*mm) else None
        return replace(told, pixels=pixels, spacing_mm=mm)
