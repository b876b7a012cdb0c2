"""What waits to be written: bounded, and never waited for by whoever puts something in."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from typing import Final

from sonoedge.audit.record import Entry

MOST_WAITING: Final = 4096
RESERVE: Final = 64  # more places, for what is urgent
MOST_A_MINUTE: Final = 60
LIMITED: Final = frozenset(
    ("state", "self_test", "golden_failed", "flag", "frame_flag", "shadow", "start_refused")
)
_MINUTE_NS: Final = 60_000_000_000


class Inbox:
    """Entries from any thread. What does not fit, or comes too often, is counted by its kind."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a dropped session ends wherever the garbage is collected
        self._filled = threading.Condition(self._lock)
        self._entries: deque[Entry] = deque()
        self._lost = 0
        self._minute = -1
        self._this_minute: dict[str, int] = {}
        self._limited: dict[str, int] = {}

    def put(self, entry: Entry, *, always: bool = False) -> None:
        """Lay an entry down.

        Args:
            always: however many of its kind there were this minute.
        """
        with self._lock:
            if not always and self._too_many(entry):
                self._limited[entry.kind] = self._limited.get(entry.kind, 0) + 1
                return
            if len(self._entries) >= MOST_WAITING + (RESERVE if entry.urgent else 0):
                self._lost += 1
                return
            self._entries.append(entry)
            self._filled.notify()

    def take(self, most: int) -> list[Entry]:
        """The oldest entries."""
        with self._lock:
            return [self._entries.popleft() for _ in range(min(most, len(self._entries)))]

    def take_lost(self) -> int:
        """How many did not fit since the last call."""
        with self._lock:
            lost, self._lost = self._lost, 0
            return lost

    def take_limited(self) -> Mapping[str, int]:
        """How many of each kind came too often since the last call."""
        with self._lock:
            limited, self._limited = self._limited, {}
            return limited

    def wait(self, timeout_s: float) -> None:
        """Until something is there, or the time is up."""
        with self._lock:
            if not self._entries:
                self._filled.wait(timeout_s)

    def ring(self) -> None:
        """End a wait."""
        with self._lock:
            self._filled.notify_all()

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)

    def _too_many(self, entry: Entry) -> bool:
        if entry.kind not in LIMITED:
            return False
        minute = entry.mono_ns // _MINUTE_NS
        if minute != self._minute:
            self._minute, self._this_minute = minute, {}
        self._this_minute[entry.kind] = self._this_minute.get(entry.kind, 0) + 1
        return self._this_minute[entry.kind] > MOST_A_MINUTE
