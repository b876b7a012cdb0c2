"""An open log with its thread: on real disks, that fill up, and in processes that are killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sonoedge.audit import AuditLog, create_log, first_key, verify_log
from sonoedge.errors import AuditBroken, Forked, InvalidSettings
from sonoedge_bench.reliability.drive import wait_until

KILLS = int(os.environ.get("SONOEDGE_AUDIT_KILLS", "3"))  # make audit: 200
DROP = {"session": "0a1b2c3d", "reason": "STALE", "count": 1}
PROGRAM = """
import sys, time
from sonoedge.audit import AuditLog
log = AuditLog(sys.argv[1])
for number in range(10**6):
    log.record("drops", {"session": "0a1b2c3d", "reason": "STALE", "count": number})
    if number % 50 == 0:
        log.record("drops", {"session": "0a1b2c3d", "reason": "FLAG", "count": number}, urgent=True)
        time.sleep(0.002)
    head = log.head
    if head is not None and number % 20 == 0:
        print(head.seq, head.hash, sep=":", flush=True)
"""


def test_what_is_recorded_is_in_the_log_and_sealed_at_the_end(log: Any) -> None:
    with AuditLog(log.folder) as audit:
        audit.record("drops", DROP)
        assert wait_until(lambda: len(log.records("drops")) == 1)
        assert audit.head is not None
        assert audit.head.seq == log.verify().last
    assert log.verify().unsealed == 0
    assert [r.kind for r in log.records()][2:] == ["opened", "drops", "seal"]


def test_an_opening_tells_the_boot_and_the_version(log: Any) -> None:
    AuditLog(log.folder).close()
    values = log.records("opened")[0].values
    assert values["sdk"] == "0.1.0"
    assert values["boot"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def test_a_flush_ends_when_all_is_on_the_disk(log: Any) -> None:
    with AuditLog(log.folder) as audit:
        for _ in range(500):
            audit.record("drops", DROP)
        assert audit.flush(30)
        assert len(log.records("drops")) == 500
        assert log.verify().unsealed == 0


def test_many_threads_record_into_one_chain(log: Any) -> None:
    with AuditLog(log.folder) as audit:
        threads = [
            threading.Thread(target=lambda: [audit.record("drops", DROP) for _ in range(200)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(log.records("drops")) == 800
    assert log.verify().lost == 0


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("note", {}),
        ("torn", {"bytes": 1}),
        ("drops", {**DROP, "reason": "Doe^Jane"}),
        ("drops", {**DROP, "note": "x"}),
    ],
)
def test_what_the_table_does_not_allow_is_refused_where_it_is_said(
    log: Any, kind: str, values: Any
) -> None:
    with AuditLog(log.folder) as audit, pytest.raises(InvalidSettings) as refused:
        audit.record(kind, values)
    assert "Doe" not in str(refused.value)


def test_what_was_never_written_is_said_at_the_end(
    log: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sonoedge.audit.appending.Appender.append", fails)
    with AuditLog(log.folder) as audit:
        audit.record("drops", DROP)
    assert caplog.records[-1].message == "2 records were never written to the audit log"


def fails(*_: Any) -> None:
    raise OSError(5, "Input/output error")


def broken(*_: Any) -> Any:
    raise ValueError("Doe^Jane")


def test_a_count_that_cannot_be_taken_is_seen_as_a_log_that_fails(
    log: Any, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[bool] = []
    with AuditLog(log.folder) as audit:
        audit.attach(broken, told.append)
        assert not audit.flush(1)
        assert wait_until(lambda: True in told)
    assert caplog.records[0].message == "the audit log cannot be written: ValueError"


def test_a_watcher_that_raises_keeps_nothing_from_the_others(
    log: Any, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[bool] = []
    with AuditLog(log.folder) as audit:
        audit.attach(list, broken)
        audit.attach(list, told.append)
        assert audit.flush(30)
        assert wait_until(lambda: bool(told))
    assert "watcher failed: ValueError at test_log.py" in caplog.text
    assert "Doe" not in "".join(r.getMessage() for r in caplog.records)


def test_a_thread_that_fails_is_seen_as_a_log_that_fails(
    log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    with AuditLog(log.folder) as audit:
        audit.attach(list, told.append)
        assert audit.flush(30)
        monkeypatch.setattr(audit, "_wait", broken)
        audit.record("drops", DROP)
        assert wait_until(lambda: audit.failing)
        assert wait_until(lambda: told[-1])


def test_closing_twice_and_flushing_after_it_do_no_harm(log: Any) -> None:
    audit = AuditLog(log.folder)
    audit.close()
    audit.close()
    audit.record("drops", DROP)
    assert not audit.flush(0.1)


def test_a_log_without_its_key_is_not_opened(log: Any) -> None:
    (log.folder / "seal.key").write_bytes(b"")
    with pytest.raises(AuditBroken, match="is damaged"):
        AuditLog(log.folder)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_fork_of_the_process_writes_nothing(log: Any) -> None:
    with AuditLog(log.folder) as audit:
        assert audit.flush(30)
        child = os.fork()
        if child == 0:  # pragma: no cover - another process
            try:
                audit.record("drops", DROP)
            except Forked:
                audit.close()
                os._exit(0)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
    assert log.records("drops") == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 128 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("needs root, and mount, for a small file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_is_full_is_told_and_goes_on_when_there_is_room(small_disk: Path) -> None:
    folder = small_disk / "log"
    key = first_key(create_log(folder))
    told: list[bool] = []
    with AuditLog(folder) as audit:
        audit.attach(list, told.append)
        while not audit.failing:
            for _ in range(50):
                audit.record("drops", DROP)
            time.sleep(0.01)
        assert wait_until(lambda: True in told)
        verify_log(folder, key=key)  # whole records, and none by halves
        subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
        assert wait_until(lambda: not audit.failing)
        assert wait_until(lambda: told[-1] is False)
    assert verify_log(folder, key=key).unsealed == 0


def test_a_read_only_disk_is_told_at_the_start_and_taken_up_later(small_disk: Path) -> None:
    folder = small_disk / "log"
    key = first_key(create_log(folder))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with AuditLog(folder) as audit:
        assert wait_until(lambda: audit.failing)
        audit.record("drops", DROP)
        assert not audit.flush(0.2)
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
        assert wait_until(lambda: not audit.failing)
    assert verify_log(folder, key=key).last == 4


def test_a_killed_process_leaves_a_log_that_goes_on(log: Any) -> None:
    """Killed at any moment: what it saw appended is there, and the next start makes it whole."""
    chance = random.Random(9)
    torn = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(log.folder)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )
        assert process.stdout is not None
        seen = [process.stdout.readline()]
        until = time.monotonic() + chance.uniform(0.0, 0.3)
        while time.monotonic() < until:
            seen.append(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        seen += process.stdout.readlines()
        process.stdout.close()
        process.wait(30)
        seq, head = next(line for line in reversed(seen) if line.endswith("\n")).strip().split(":")
        with AuditLog(log.folder) as audit:
            assert audit.flush(30)
        verified = log.verify()
        torn = verified.torn
        record = next(r for r in log.records() if r.seq == int(seq) + 1)
        assert record.prev == head
        assert verified.unsealed == 0
    print(f"\n{KILLS} kills: {torn} torn records, {verified.last + 1} records in one chain")
