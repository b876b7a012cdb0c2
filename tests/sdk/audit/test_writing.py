"""The log's thread, step by step, on a clock that is ticked by hand."""

from __future__ import annotations

import errno
import logging
import os
import random
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sonoedge.audit import create_log, first_key, verify_log
from sonoedge.audit.appending import Appender
from sonoedge.audit.inbox import MOST_WAITING, Inbox
from sonoedge.audit.kinds import Value, check_record
from sonoedge.audit.record import Entry
from sonoedge.audit.writing import Writing

S = 1_000_000_000
DAYS = int(os.environ.get("SONOEDGE_AUDIT_DAYS", "3"))  # make audit: 30
DROP: Mapping[str, Value] = {"session": "0a1b2c3d", "reason": "STALE", "count": 1}


class Disk:
    """Counts syncs, and fails on order."""

    def __init__(self) -> None:
        self.syncs = 0
        self.fails = False

    def __call__(self, fd: int) -> None:
        if self.fails:
            raise OSError(errno.EIO, "Input/output error")
        self.syncs += 1


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def writing(log: Any, disk: Disk, inbox: Inbox, clock: Any) -> Iterator[Writing]:
    with Appender(log.folder, sync=disk) as appender:
        yield Writing(inbox, appender, list, clock())


def put(inbox: Inbox, clock: Any, *, urgent: bool = False) -> None:
    inbox.put(Entry(mono_ns=clock(), kind="drops", values=DROP, urgent=urgent))


def test_a_record_is_written_at_once_and_synced_within_a_minute(
    log: Any, writing: Writing, disk: Disk, inbox: Inbox, clock: Any
) -> None:
    put(inbox, clock)
    writing.step(clock())
    assert len(log.records("drops")) == 1
    assert disk.syncs == 0
    for _ in range(59):
        clock.tick_s(1)
        writing.step(clock())
    assert disk.syncs == 0
    clock.tick_s(1)
    writing.step(clock())
    assert disk.syncs == 1


def test_at_no_moment_is_a_record_older_than_a_minute_not_on_the_disk(
    writing: Writing, disk: Disk, inbox: Inbox, clock: Any
) -> None:
    chance = random.Random(3)
    oldest: float | None = None
    syncs = 0
    for _ in range(3000):
        wait_s = min(writing.step(clock()), chance.choice([0.1, 1.0, 7.0, 20.0]))
        if disk.syncs != syncs:
            syncs, oldest = disk.syncs, None
        assert oldest is None or clock() - oldest <= 60 * S
        clock.tick_s(wait_s)
        if chance.random() < 0.3:
            put(inbox, clock, urgent=chance.random() < 0.02)
            oldest = clock() if oldest is None else oldest
    assert syncs > 100


def test_what_is_urgent_is_on_the_disk_and_sealed_when_the_step_ends(
    log: Any, writing: Writing, disk: Disk, inbox: Inbox, clock: Any
) -> None:
    put(inbox, clock, urgent=True)
    writing.step(clock())
    assert (disk.syncs, log.verify().unsealed) == (1, 0)
    clock.tick_s(1)
    put(inbox, clock, urgent=True)
    assert writing.step(clock()) == 4
    assert (disk.syncs, log.verify().unsealed) == (2, 1)
    clock.tick_s(4)
    writing.step(clock())
    assert (disk.syncs, log.verify().unsealed) == (3, 0)


def test_an_idle_log_is_sealed_every_fifteen_minutes(
    log: Any, writing: Writing, clock: Any
) -> None:
    for _ in range(3600):
        clock.tick_s(1)
        writing.step(clock())
    assert log.verify().seals == 1 + 4


def test_a_disk_that_fails_is_tried_again_and_nothing_that_waited_is_lost(
    log: Any,
    writing: Writing,
    inbox: Inbox,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    write, tries = os.write, 0

    def full(fd: int, data: bytes) -> int:
        nonlocal tries
        tries += 1
        raise OSError(errno.ENOSPC, "No space left on device", "/home/jane/log")

    monkeypatch.setattr(os, "write", full)
    put(inbox, clock)
    with caplog.at_level(logging.WARNING, "sonoedge.audit"):
        for _ in range(100):
            writing.step(clock())
            put(inbox, clock)
            clock.tick_s(0.1)
        assert writing.failing
        assert tries < 20  # with pauses of up to 2 s
        monkeypatch.setattr(os, "write", write)
        clock.tick_s(2)
        writing.step(clock())
    assert not writing.failing
    assert len(log.records("drops")) == 101
    assert log.verify().lost == 0
    assert [r.message for r in caplog.records] == [
        "the audit log cannot be written: No space left on device",
        "the audit log is written again",
    ]


def test_what_did_not_fit_is_in_the_log_as_a_number(
    log: Any, writing: Writing, inbox: Inbox, clock: Any
) -> None:
    for _ in range(MOST_WAITING + 5):
        put(inbox, clock)
    writing.step(clock())
    assert len(log.records("drops")) == MOST_WAITING
    assert [r.values for r in log.records("lost")] == [{"count": 5, "reason": "QUEUE_FULL"}]


def test_what_may_not_have_reached_the_disk_is_told(
    log: Any, writing: Writing, disk: Disk, inbox: Inbox, clock: Any
) -> None:
    put(inbox, clock)
    put(inbox, clock)
    writing.step(clock())
    disk.fails = True
    clock.tick_s(60)
    writing.step(clock())
    assert writing.failing
    disk.fails = False
    clock.tick_s(2)
    writing.step(clock())
    assert not writing.failing
    assert [r.values for r in log.records("lost")] == [{"count": 2, "reason": "SYNC_FAILED"}]


def test_whatever_goes_wrong_the_log_is_seen_to_fail(
    log: Any, writing: Writing, inbox: Inbox, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    (log.folder / "seal.key").write_bytes(b"Doe^Jane")
    put(inbox, clock, urgent=True)
    with caplog.at_level(logging.WARNING, "sonoedge.audit"):
        writing.step(clock())
    assert writing.failing
    assert caplog.records[0].message.endswith("AUDIT_BROKEN")
    assert not writing.finish(clock())


def test_the_end_is_sealed_once(log: Any, writing: Writing, inbox: Inbox, clock: Any) -> None:
    put(inbox, clock, urgent=True)
    assert writing.finish(clock())
    assert writing.finish(clock())
    assert (log.verify().seals, log.verify().unsealed) == (2, 0)


def test_a_month_of_use_stays_within_sixteen_mebibytes_and_verifies(clock: Any) -> None:
    """Frames, drops and golden frames by the minute, a flag in ten minutes, now and then a
    death: 30 days of it, synced to memory alone."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as place:
        folder = Path(place) / "log"
        key, inbox, disk = first_key(create_log(folder, clock_ns=clock)), Inbox(), Disk()
        anchors = []
        with Appender(folder, sync=disk) as appender:
            writing = Writing(inbox, appender, lambda: [sample], clock())
            for minute in range(DAYS * 24 * 60):
                clock.tick_s(60)
                if minute % 10 == 0:
                    inbox.put(Entry(mono_ns=clock(), kind="flag", values=FLAG, urgent=True))
                if minute % 1000 == 999:
                    for state in ("UNAVAILABLE", "READY"):
                        values = {**STATE, "state": state}
                        inbox.put(Entry(mono_ns=clock(), kind="state", values=values))
                writing.step(clock())
                if minute % 1440 == 0:
                    anchors.append(writing.anchor)
                    assert size_of(folder) <= 16 << 20
            assert writing.finish(clock())
        assert size_of(folder) <= 16 << 20
        for anchor in anchors[-2:]:
            verified = verify_log(folder, key=key, anchor=anchor)
            assert verified.anchor_checked
        assert verified.lost == 0
        print(
            f"\n{DAYS} days: {verified.last + 1} records, {size_of(folder) / 2**20:.2f} MiB kept, "
            f"from record {verified.first} on; {verified.seals} seals there"
        )
        if DAYS >= 30:
            assert verified.first > 0  # the bound was met


FLAG: Mapping[str, Value] = {
    "session": "0a1b2c3d", "stream": 0, "frame": 123456, "track": 17, "regions": 1
}  # fmt: skip
STATE: Mapping[str, Value] = {"session": "0a1b2c3d", "reason": "ENGINE_CRASHED", "reasons": 1}


def sample() -> Iterator[tuple[str, Mapping[str, Value]]]:
    counts: Mapping[str, Value] = {"submitted": 1800, "analysed": 1700, "flagged": 12}
    yield "frames", {"session": "0a1b2c3d", **counts}
    for reason in ("NO_CONTACT", "SUPERSEDED"):
        yield "drops", {"session": "0a1b2c3d", "reason": reason, "count": 50}
    yield "golden", {"session": "0a1b2c3d", "passed": 3}


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def test_the_month_is_made_of_what_a_log_takes() -> None:
    for kind, values in [*sample(), ("flag", FLAG), ("state", {**STATE, "state": "READY"})]:
        check_record(kind, values)
