"""When a loaded engine is asked its golden frames again."""

from __future__ import annotations

from typing import Final

IDLE_NS: Final = 1_000_000_000  # no frame analysed for so long is idleness


class GoldenSchedule:
    """One golden frame at a time, in turns with the frames that come. It reads no clock.

    All of them are asked at least every `every_ns`, then one between two frames; and every
    `idle_ns` while no frame is analysed, be it that none comes, or that the guard refuses all of
    them before the engine is asked: that an engine is sound is known at most that late.
    """

    def __init__(self, *, every_ns: int, idle_ns: int, now_ns: int) -> None:
        self._every_ns, self._idle_ns = every_ns, idle_ns
        self._count = self._next = 0
        self._round_ns = self._frame_ns = now_ns
        self._last_was_golden = False

    def begin(self, count: int, now_ns: int) -> None:
        """A new engine has just answered all `count` of them."""
        self._count, self._next = count, 0
        self._round_ns = self._frame_ns = now_ns

    def goes_first(self, now_ns: int) -> bool:
        """Whether a golden frame is asked before a frame that waits."""
        return self.due(now_ns) and not self._last_was_golden

    def due(self, now_ns: int) -> bool:
        """Whether a golden frame is asked where no frame waits."""
        idle = now_ns - self._frame_ns >= IDLE_NS and now_ns - self._round_ns >= self._idle_ns
        return bool(self._count) and (self._round_due(now_ns) or idle)

    def take(self) -> int:
        """The number of the golden frame to ask now."""
        self._last_was_golden = True
        return self._next

    def frame_taken(self) -> None:
        """A frame went to the engine."""
        self._last_was_golden = False

    def frame_analysed(self, now_ns: int) -> None:
        """The engine has analysed a frame in time."""
        self._frame_ns = now_ns

    def answered(self, now_ns: int) -> None:
        """The golden frame that was taken has been answered rightly."""
        self._next = (self._next + 1) % self._count
        if self._next == 0:
            self._round_ns = now_ns

    def _round_due(self, now_ns: int) -> bool:
        return self._next > 0 or now_ns - self._round_ns >= self._every_ns
