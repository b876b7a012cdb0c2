"""When a log is synced to the disk, and when it is sealed. It reads no clock."""

from __future__ import annotations

from typing import Final

SYNC_NS: Final = 60_000_000_000  # what a power cut may cost
SEAL_NS: Final = 900_000_000_000
URGENT_SEAL_NS: Final = 5_000_000_000  # urgent records that come faster share a seal
MINUTE_NS: Final = 60_000_000_000


class Schedule:
    """Tells what is due.

    Args:
        now_ns: the log is opened now.
    """

    def __init__(self, now_ns: int) -> None:
        self._sealed_ns = self._minute_ns = now_ns
        self._last_urgent_ns = now_ns - URGENT_SEAL_NS
        self._unsynced_ns: int | None = None
        self._urgent = False

    def wrote(self, now_ns: int, *, urgent: bool) -> None:
        """Records were appended."""
        if self._unsynced_ns is None:
            self._unsynced_ns = now_ns
        self._urgent = self._urgent or urgent

    def synced(self) -> None:
        """What was appended has reached the disk."""
        self._unsynced_ns = None

    def sealed(self, now_ns: int) -> None:
        """A seal was written, and has reached the disk."""
        if self._urgent:
            self._last_urgent_ns = now_ns
        self._sealed_ns, self._urgent, self._unsynced_ns = now_ns, False, None

    def sampled(self, now_ns: int) -> None:
        """The minute's counts were taken."""
        self._minute_ns = now_ns

    def seal_due(self, now_ns: int) -> bool:
        """Every 15 minutes, and at once where something urgent was written."""
        urgent = self._urgent and now_ns - self._last_urgent_ns >= URGENT_SEAL_NS
        return urgent or now_ns - self._sealed_ns >= SEAL_NS

    def sync_due(self, now_ns: int) -> bool:
        """After 60 seconds at most, and at once where something urgent was written."""
        if self._unsynced_ns is None:
            return False
        return self._urgent or now_ns - self._unsynced_ns >= SYNC_NS

    def sample_due(self, now_ns: int) -> bool:
        """Every minute."""
        return now_ns - self._minute_ns >= MINUTE_NS

    def wait_s(self, now_ns: int) -> float:
        """How long nothing is due, in seconds; more may be written in the meantime."""
        due = [self._minute_ns + MINUTE_NS, self._sealed_ns + SEAL_NS]
        if self._unsynced_ns is not None:
            due.append(self._unsynced_ns + SYNC_NS)
        if self._urgent:
            due.append(self._last_urgent_ns + URGENT_SEAL_NS)
        return max(0.0, (min(due) - now_ns) / 1e9)
