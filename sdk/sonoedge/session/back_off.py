"""Pauses between tries that fail for want of something that may come back."""

from __future__ import annotations

from typing import Final

FIRST_NS: Final = 50_000_000
LONGEST_NS: Final = 2_000_000_000


class BackOff:
    """Each pause is twice the one before. It reads no clock.

    Args:
        first_ns, longest_ns: the shortest pause and the longest, nanoseconds.
    """

    def __init__(self, *, first_ns: int = FIRST_NS, longest_ns: int = LONGEST_NS) -> None:
        self._first_ns, self._longest_ns = first_ns, longest_ns
        self._pause_ns = self._until_ns = 0

    def due(self, now_ns: int) -> bool:
        """Whether the pause is over."""
        return now_ns >= self._until_ns

    def left_ns(self, now_ns: int) -> int:
        """How long the pause still is; 0 where it is over."""
        return max(0, self._until_ns - now_ns)

    def failed(self, now_ns: int) -> int:
        """A try has failed; returns the pause that follows, in nanoseconds."""
        self._pause_ns = min(max(2 * self._pause_ns, self._first_ns), self._longest_ns)
        self._until_ns = now_ns + self._pause_ns
        return self._pause_ns

    def succeeded(self) -> None:
        """A try has succeeded: the next failure is a first one again."""
        self._pause_ns = self._until_ns = 0
