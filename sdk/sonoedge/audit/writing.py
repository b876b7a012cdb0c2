"""From the inbox to the disk: what is due is done, and a disk that fails is tried again."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from sonoedge.audit.appending import MOST_BATCH, Appender
from sonoedge.audit.chain import Anchor
from sonoedge.audit.inbox import Inbox
from sonoedge.audit.kinds import Value
from sonoedge.audit.record import Entry
from sonoedge.audit.schedule import Schedule
from sonoedge.errors import SonoedgeError
from sonoedge.session.back_off import BackOff

Sample: TypeAlias = Callable[[], Iterable[tuple[str, Mapping[str, Value]]]]

log: Final = logging.getLogger("sonoedge.audit")


class Writing:
    """The work of a log's thread, one step at a time. It reads no clock.

    Args:
        inbox: where entries come from.
        appender: where they go.
        samples: asked once a minute for what has been counted, as kinds and values.
        now_ns: the log is opened now.

    Attributes:
        anchor: how far the log has come; None before the first record was written.
        failing: the last try to write has failed.
    """

    def __init__(
        self, inbox: Inbox, appender: Appender, samples: Callable[[], list[Sample]], now_ns: int
    ) -> None:
        self._inbox, self._appender, self._samples = inbox, appender, samples
        self._schedule = Schedule(now_ns)
        self._back_off = BackOff()
        self._batch: list[Entry] = []
        self._unsynced = 0
        self._sync_lost = 0
        self.anchor: Anchor | None = None
        self.failing = False

    @property
    def waiting(self) -> int:
        """How many records are still to be written."""
        return len(self._batch) + len(self._inbox)

    def step(self, now_ns: int) -> float:
        """Do what is due; returns how many seconds nothing more will be."""
        if self._schedule.sample_due(now_ns):
            self._try(lambda: self.sample(now_ns), now_ns)
        if not self._back_off.due(now_ns):
            return self._back_off.left_ns(now_ns) / 1e9
        if not self._try(lambda: self._write(now_ns), now_ns):
            return self._back_off.left_ns(now_ns) / 1e9
        return self._schedule.wait_s(now_ns)

    def finish(self, now_ns: int) -> bool:
        """Write and seal all that waits, once; whether that was done."""

        def all_of_it() -> None:
            self.sample(now_ns)
            self._write(now_ns)
            if self._appender.unsealed:
                self._seal(now_ns)

        return self._try(all_of_it, now_ns)

    def sample(self, now_ns: int) -> None:
        """Take what was counted since the last time."""
        self._schedule.sampled(now_ns)
        for sample in self._samples():
            for kind, values in sample():
                self._inbox.put(Entry(mono_ns=now_ns, kind=kind, values=values), always=True)
        for kind, count in self._inbox.take_limited().items():
            values = {"of": kind, "count": count}
            self._inbox.put(Entry(mono_ns=now_ns, kind="limited", values=values), always=True)

    def _write(self, now_ns: int) -> None:
        while self._batch or len(self._inbox) or self._sync_lost:
            if not self._batch:
                self._batch = self._next_batch(now_ns)
            self._appender.append(self._batch)
            self.anchor = self._appender.anchor
            urgent = any(entry.urgent for entry in self._batch)
            self._unsynced += len(self._batch)
            self._batch = []
            self._schedule.wrote(now_ns, urgent=urgent)
        if self._schedule.seal_due(now_ns):
            self._seal(now_ns)
        elif self._schedule.sync_due(now_ns):
            self._synced(lambda: self._appender.sync(now_ns))
            self._schedule.synced()

    def _next_batch(self, now_ns: int) -> list[Entry]:
        batch = self._inbox.take(MOST_BATCH - 2)
        for reason, count in (
            ("QUEUE_FULL", self._inbox.take_lost()),
            ("SYNC_FAILED", self._sync_lost),
        ):
            if count:
                values: Mapping[str, Value] = {"count": count, "reason": reason}
                batch.append(Entry(mono_ns=now_ns, kind="lost", values=values))
        self._sync_lost = 0
        return batch

    def _seal(self, now_ns: int) -> None:
        self._synced(lambda: self._appender.seal(now_ns))
        self.anchor = self._appender.anchor
        self._schedule.sealed(now_ns)

    def _synced(self, wait: Callable[[], None]) -> None:
        """What fails to reach the disk is not tried again by the system: it may be lost."""
        try:
            wait()
        except OSError:
            self._sync_lost += self._unsynced
            self._unsynced = 0
            raise
        self._unsynced = 0

    def _try(self, work: Callable[[], None], now_ns: int) -> bool:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the log must be seen to fail
            self._back_off.failed(now_ns)
            if not self.failing:
                log.error("the audit log cannot be written: %s", _token(error))
            self.failing = True
            return False
        self._back_off.succeeded()
        if self.failing:
            log.warning("the audit log is written again")
        self.failing = False
        return True


def _token(error: Exception) -> str:
    """What went wrong, without any text that might name a path."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return error.token if isinstance(error, SonoedgeError) else type(error).__name__
