"""A live device that is not trusted: read on a thread of its own, with our own deadline.

`VideoCapture.read()` can block for ever, raise, or go on giving the last buffer after
the device was unplugged. None of it may stop the host or look like a live picture: a
device without a new picture in time is lost, its reader is left behind, and another one
opens it again, after a pause that doubles.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace

import numpy as np

from sonoedge.analysis import Reason
from sonoedge.errors import InvalidSettings, SourceError
from sonoedge.sources.picture import Contents, Picture

Clock = Callable[[], int]
_MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRules:
    """When a device is lost, and how it is tried again.

    Attributes:
        lost_after_ms: without a new picture for so long the device is lost.
        open_ms: opening, and its first picture, may take so long before it is tried anew;
            the device counts as lost meanwhile, once `lost_after_ms` are over.
        pause_ms, longest_pause_ms: before the next try; doubles up to the longest.
        readers: at most so many readers may hang in the driver at once.
    """

    lost_after_ms: float = 800.0
    open_ms: float = 5000.0
    pause_ms: float = 250.0
    longest_pause_ms: float = 5000.0
    readers: int = 4

    def __post_init__(self) -> None:
        if not 0 < self.lost_after_ms <= self.open_ms:
            raise InvalidSettings("lost_after_ms must be above 0 and at most open_ms")
        if not 0 < self.pause_ms <= self.longest_pause_ms:
            raise InvalidSettings("pause_ms must be above 0 and at most longest_pause_ms")
        if self.readers < 1:
            raise InvalidSettings("readers must be 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStatus:
    """A watched device at one moment.

    Attributes:
        lost: SOURCE_LOST while no new picture comes; None otherwise.
        detail: the latest message of the device's reader; "" where there is none.
        pictures: new pictures read so far; `missed` of them were replaced by a newer one
            before anyone took them.
        reconnects: how often the device came back.
        changes: how often the pictures' size or format changed.
    """

    lost: Reason | None = None
    detail: str = ""
    pictures: int = 0
    missed: int = 0
    reconnects: int = 0
    changes: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class _Reader:
    """One try at the device; `over` once its thread has let go of it."""

    begun_ns: int
    new_ns: int | None = None
    failed: str | None = None
    over: threading.Event = field(default_factory=threading.Event)
    leave: threading.Event = field(default_factory=threading.Event)


class Watch:
    """The newest picture of a device, and whether there still is one.

    `take`, `status` and `close` return in time whatever the device does. They come from
    one thread at a time, and it is they that see deadlines: call one of them often.

    Args:
        open_device: opens the device; called on the readers' threads.
        first: the device, opened already, for the first reader.
    """

    def __init__(
        self,
        open_device: Callable[[], Contents],
        *,
        first: Contents | None = None,
        rules: WatchRules | None = None,
        clock_ns: Clock = time.monotonic_ns,
    ) -> None:
        self._open = open_device
        self._rules = rules or WatchRules()
        self._clock_ns = clock_ns
        self._fresh = threading.Condition()
        self._picture: Picture | None = None
        self._last: Picture | None = None
        self._status = WatchStatus()
        self._pause_ms = self._rules.pause_ms
        self._next_ns = 0
        self._begun_ns = clock_ns()
        self._new_ns: int | None = None
        self._closed = False
        self._abandoned: list[_Reader] = []
        self._reader: _Reader | None = self._begin(first)

    def take(self, timeout_s: float = 0.0) -> Picture | None:
        """The newest picture that was not taken yet; None where none comes in time, and at
        once when the device is lost."""
        end = time.monotonic() + timeout_s
        while True:
            lost = self._look()
            with self._fresh:
                left_s = min(end - time.monotonic(), self._deadline_s())
                if self._picture is None and not (self._closed or lost):
                    self._fresh.wait(max(0.0, left_s))
                picture, self._picture = self._picture, None
            if picture is not None or self._closed or lost or time.monotonic() >= end:
                return picture

    def status(self) -> WatchStatus:
        """How the device does."""
        self._look()
        with self._fresh:
            return self._status

    def close(self) -> None:
        """Leave the device. A reader that hangs in the driver is left behind, and lets go
        of the device by itself should it ever return. Closing twice is harmless."""
        with self._fresh:
            self._closed = True
            reader, self._reader = self._reader, None
            self._fresh.notify_all()
        if reader is not None:
            reader.leave.set()
            reader.over.wait(0.3)

    def _look(self) -> bool:
        """See deadlines, and try again where it is time; whether the device was lost just now."""
        rules, now_ns = self._rules, self._clock_ns()
        with self._fresh:
            if self._closed:
                return False
            before = self._status.lost
            reader = self._reader
            since_ns = self._begun_ns if self._new_ns is None else self._new_ns
            late = now_ns - since_ns > rules.lost_after_ms * _MS
            if late or (reader is not None and reader.failed is not None):
                # The next try has nothing to say yet: why the last one ended still holds.
                detail = (reader.failed if reader is not None else None) or self._status.detail
                self._status = replace(self._status, lost=Reason.SOURCE_LOST, detail=detail)
                self._picture = None  # what waited to be taken is old by now
            if reader is not None and self._given_up(reader, now_ns):
                reader.leave.set()
                self._abandoned.append(reader)
                self._reader = None
                self._next_ns = now_ns + round(self._pause_ms * _MS)
                self._pause_ms = min(2 * self._pause_ms, rules.longest_pause_ms)
            self._abandoned = [r for r in self._abandoned if not r.over.is_set()]
            again = self._reader is None and now_ns >= self._next_ns
            if again and len(self._abandoned) < rules.readers:
                self._reader = self._begin(None)
            return before is None and self._status.lost is not None

    def _deadline_s(self) -> float:
        """Seconds until `_look` may have something to see; whatever else happens wakes."""
        rules, reader = self._rules, self._reader
        moments = []
        if reader is not None:
            begun_ns, allowed_ms = reader.new_ns, rules.lost_after_ms
            if begun_ns is None:
                begun_ns, allowed_ms = reader.begun_ns, rules.open_ms
            moments.append(begun_ns + round(allowed_ms * _MS))
        elif len(self._abandoned) < rules.readers:
            moments.append(self._next_ns)
        if self._status.lost is None:
            since_ns = self._begun_ns if self._new_ns is None else self._new_ns
            moments.append(since_ns + round(rules.lost_after_ms * _MS))
        if reader is not None and reader.failed is not None:
            return 0.0
        # A little later: a deadline is missed after it, not at it.
        now_ns = self._clock_ns()
        return min(((moment - now_ns) / 1e9 + 0.001 for moment in moments), default=math.inf)

    def _given_up(self, reader: _Reader, now_ns: int) -> bool:
        if reader.failed is not None:
            return True
        if reader.new_ns is None:
            return now_ns - reader.begun_ns > self._rules.open_ms * _MS
        return now_ns - reader.new_ns > self._rules.lost_after_ms * _MS

    def _begin(self, device: Contents | None) -> _Reader:
        reader = _Reader(begun_ns=self._clock_ns())
        threading.Thread(
            target=self._read, args=(reader, device), name="sonoedge-source", daemon=True
        ).start()
        return reader

    def _read(self, reader: _Reader, device: Contents | None) -> None:
        """A reader's thread. It alone opens, reads and closes its device."""
        failure = "the device gives no more frames"
        try:
            device = self._open() if device is None else device
            try:
                with closing(device.pictures()) as pictures:
                    for picture in pictures:
                        if reader.leave.is_set():
                            return
                        if not self._note(reader, picture):
                            reader.leave.wait(0.005)  # a lying device answers at once
            finally:
                device.close()
        except SourceError as error:
            failure = str(error)
        except Exception as error:  # noqa: BLE001 - a driver may raise anything; it is said
            failure = f"{type(error).__name__}: {error}"
        finally:
            reader.failed = failure
            reader.over.set()
            with self._fresh:
                self._fresh.notify_all()

    def _note(self, reader: _Reader, picture: Picture) -> bool:
        """Keep a picture, if it is a new one."""
        last = self._last
        if last is not None and not _new(picture, last):
            return False
        now_ns = self._clock_ns()
        with self._fresh:
            if reader.leave.is_set() or self._closed:
                return True
            status = self._status
            changed = last is not None and (
                picture.pixels.shape != last.pixels.shape
                or picture.pixels.dtype != last.pixels.dtype
            )
            self._status = replace(
                status,
                lost=None,
                detail="",
                pictures=status.pictures + 1,
                missed=status.missed + (self._picture is not None),
                reconnects=status.reconnects + (reader.new_ns is None and self._new_ns is not None),
                changes=status.changes + changed,
            )
            self._picture = self._last = picture
            self._new_ns = reader.new_ns = now_ns
            self._pause_ms = self._rules.pause_ms
            self._fresh.notify_all()
        return True


def _new(picture: Picture, last: Picture) -> bool:
    """A device's own stamp that moved on, or other pixels."""
    if picture.stamped and last.stamped and picture.captured_ns != last.captured_ns:
        return True
    a, b = picture.pixels, last.pixels
    if a.shape != b.shape or a.dtype != b.dtype:
        return True
    # Live pictures differ in the first rows looked at; a still one needs the whole.
    return not (np.array_equal(a[::32], b[::32]) and np.array_equal(a, b))
