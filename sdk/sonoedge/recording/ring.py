"""The newest moments of a session, bounded in time and in bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from sonoedge.recording.moment import Moment


class Ring:
    """Moments, oldest first. Not thread-safe.

    Attributes:
        size: bytes of their pixels.
    """

    def __init__(self) -> None:
        self._moments: deque[Moment] = deque()
        self.size = 0

    def __len__(self) -> int:
        return len(self._moments)

    def __iter__(self) -> Iterator[Moment]:
        return iter(self._moments)

    def add(self, moment: Moment) -> None:
        """Append the newest."""
        self._moments.append(moment)
        self.size += moment.size

    def evict(self, *, before_ns: int, most_bytes: int) -> Iterator[Moment]:
        """Take out the oldest moments, one by one, until the rest is within bounds.

        Args:
            before_ns: moments older than this go.
            most_bytes: of the pixels that stay.
        """
        while self._moments and (self._moments[0].at_ns < before_ns or self.size > most_bytes):
            yield self._pop()

    def take_all(self) -> list[Moment]:
        """All of them; the ring is empty afterwards."""
        moments = list(self._moments)
        self._moments.clear()
        self.size = 0
        return moments

    def _pop(self) -> Moment:
        moment = self._moments.popleft()
        self.size -= moment.size
        return moment
