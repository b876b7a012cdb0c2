"""An open audit log: takes records from any thread, and writes them in a thread of its own."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from sonoedge.audit.appending import Appender
from sonoedge.audit.chain import Anchor
from sonoedge.audit.inbox import Inbox
from sonoedge.audit.kinds import NONE, OWN_KINDS, Value, as_token, check_record
from sonoedge.audit.record import Entry
from sonoedge.audit.seal import read_key
from sonoedge.audit.writing import Sample, Writing, log
from sonoedge.closing import Closing
from sonoedge.errors import Forked, InvalidSettings
from sonoedge.foreign_error import describe_foreign

CLOSE_S: Final = 2.0
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_LONGEST_WAIT_S: Final = 1.0


class AuditLog(Closing):
    """An audit log that is written to. Every method may be called from any thread.

    Nothing waits for the disk. A record is appended at once; a power cut costs at most the last
    60 seconds, a killed process what was not appended yet. While the disk is full or read-only,
    records wait in memory, 4096 of them; what does not fit is counted, and the count recorded.

    Args:
        folder: as `create_log`, or `sonoedge audit init`, made it.
        clock_ns: the monotonic clock, nanoseconds.

    Raises:
        InvalidSettings: the folder is no audit log.
        AuditBroken: it was emptied, or has lost the key for its next seal.
    """

    def __init__(
        self, folder: str | Path, *, clock_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        appender = Appender(Path(folder))
        with contextlib.suppress(OSError):  # a disk that fails now is tried again
            read_key(Path(folder))
        self._clock_ns = clock_ns
        self._inbox = Inbox()
        self._samples: list[Sample] = []
        self._watchers: list[Callable[[bool], None]] = []
        self._lock = threading.RLock()  # a dropped session ends wherever the garbage is collected
        self._progress = threading.Condition(self._lock)
        self._flushes = self._flushed = 0
        self._closing = self._failing = False
        self._pid = os.getpid()
        self._writing = Writing(self._inbox, appender, self._sampled, clock_ns())
        self._appender = appender
        opened = {"boot": _boot(), "sdk": _version()}
        self._inbox.put(Entry(mono_ns=clock_ns(), kind="opened", values=opened))
        self._thread = threading.Thread(target=self._run, name="sonoedge-audit", daemon=True)
        self._thread.start()

    @property
    def head(self) -> Anchor | None:
        """How far the log has come, to be kept elsewhere; None before the first record."""
        return self._writing.anchor

    @property
    def failing(self) -> bool:
        """The log cannot be written at the moment."""
        return self._failing

    def record(
        self,
        kind: str,
        values: Mapping[str, Value],
        *,
        urgent: bool = False,
        always: bool = False,
    ) -> None:
        """Record what has happened now. This never waits.

        Args:
            kind: a key of `sonoedge.audit.KINDS`.
            values: by exactly the kind's keys.
            urgent: sync it to the disk, and seal it, as soon as it is written.
            always: however often the kind was recorded this minute.

        Raises:
            InvalidSettings: the table of kinds does not allow it, or the kind is the log's own.
            Forked: this is a fork of the process that opened the log.
        """
        check_record(kind, values)
        if kind in OWN_KINDS:
            raise InvalidSettings(f"{kind} is written by the log itself")
        if os.getpid() != self._pid:
            raise Forked("this audit log belongs to the process that opened it; open it here anew")
        entry = Entry(mono_ns=self._clock_ns(), kind=kind, values=values, urgent=urgent)
        self._inbox.put(entry, always=always)

    def attach(self, sample: Sample, watch: Callable[[bool], None]) -> None:
        """Ask something once a minute for what it has counted, and tell it how the disk does.

        Args:
            sample: gives kinds and values.
            watch: called again and again with whether the log cannot be written at the moment.
        """
        with self._lock:
            self._samples.append(sample)
            self._watchers.append(watch)
        self._inbox.ring()

    def detach(self, sample: Sample, watch: Callable[[bool], None]) -> None:
        """Undo `attach`."""
        with self._lock, contextlib.suppress(ValueError):
            self._samples.remove(sample)
            self._watchers.remove(watch)

    def flush(self, timeout_s: float = CLOSE_S) -> bool:
        """Wait until all that was recorded is sealed, and has reached the disk.

        Returns:
            False where it has not within the time, or the log cannot be written.
        """
        with self._lock:
            self._flushes += 1
            wanted = self._flushes
        self._inbox.ring()
        with self._lock:
            if self._thread.is_alive():
                self._progress.wait_for(lambda: self._flushed >= wanted, timeout_s)
            return self._flushed >= wanted and not self._failing

    def close(self, timeout_s: float = CLOSE_S) -> None:
        """Write and seal what is left, and let go; closing twice is harmless.

        Args:
            timeout_s: seconds after which a disk that does not answer is left alone.
        """
        if os.getpid() != self._pid:
            return
        self._closing = True
        self._inbox.ring()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._write_until_closed()
        except BaseException as error:  # noqa: BLE001 - sessions are told, and say so
            log.error("the audit log's thread failed: %s", describe_foreign(error))
            self._writing.failing = True
            self._tell(self._flushed)

    def _write_until_closed(self) -> None:
        while not self._closing:
            with self._lock:
                wanted = self._flushes
            if wanted > self._flushed:
                self._writing.finish(self._clock_ns())
                wait_s = 0.0
            else:
                wait_s = self._writing.step(self._clock_ns())
            self._tell(wanted)
            with self._lock:
                asked = self._flushes > self._flushed
            if not (asked or self._closing):
                self._wait(wait_s)
        self._writing.finish(self._clock_ns())
        if self._writing.waiting:
            log.error("%d records were never written to the audit log", self._writing.waiting)
        self._tell(self._flushes)
        self._appender.close()

    def _wait(self, wait_s: float) -> None:
        if self._writing.failing:
            time.sleep(min(wait_s, 0.05))  # what waits in the inbox is no reason to try earlier
        else:
            self._inbox.wait(min(wait_s, _LONGEST_WAIT_S))

    def _tell(self, flushed: int) -> None:
        failing = self._writing.failing
        with self._lock:
            self._flushed = flushed
            self._failing = failing
            watchers = list(self._watchers)
            self._progress.notify_all()
        for watch in watchers:  # each time: one that has just come missed the last change
            try:
                watch(failing)
            except Exception as error:  # noqa: BLE001 - one that fails keeps nothing from others
                log.error("an audit log's watcher failed: %s", describe_foreign(error))

    def _sampled(self) -> list[Sample]:
        with self._lock:
            return list(self._samples)


def _boot() -> str:
    """The kernel's id of this boot: the monotonic clock counts from it."""
    try:
        return as_token(_BOOT_ID.read_text().strip())
    except OSError:
        return NONE


def _version() -> str:
    from sonoedge import __version__

    return as_token(__version__)
