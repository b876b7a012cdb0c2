from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

import pytest

from sonoedge.audit import appending, log_files
from sonoedge.audit.appending import Appender
from sonoedge.audit.record import Entry
from sonoedge.audit.seal import KEY_FILE, read_key, replace_key
from sonoedge.errors import AuditBroken

Drops = Callable[[int], list[Entry]]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of 3 kB, four of them."""
    for module in (appending, log_files):
        monkeypatch.setattr(module, "MOST_FILE_BYTES", 3000)
        monkeypatch.setattr(module, "MOST_FILES", 4)
    monkeypatch.setattr(appending, "ROOM", 1000)


class Killed(BaseException):
    """The process ends here."""


def test_two_processes_make_one_chain(log: Any, drops: Drops) -> None:
    with Appender(log.folder) as first, Appender(log.folder) as second:
        for appender in (first, second, first, first, second):
            appender.append(drops(2))
            appender.seal(5)
        assert second.anchor is not None
        assert log.verify().last == second.anchor.seq
    assert log.verify().seals == 6


def test_a_log_is_bounded_and_chained_over_the_files_that_are_gone(
    log: Any, drops: Drops, small: None
) -> None:
    with Appender(log.folder) as appender:
        for _ in range(40):
            appender.append(drops(5))
            assert len(log.files) <= 4
            assert max(file.stat().st_size for file in log.files) <= 3000
            log.verify()
        appender.seal(1)
    verified = log.verify()
    assert verified.first > 100
    assert log.records("rolled")[-1].values["through"] == verified.first - 1


@pytest.mark.parametrize("at", range(16))
def test_a_kill_at_any_write_of_a_rotation_is_mended_by_the_next_start(
    log: Any, drops: Drops, small: None, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Appender(log.folder) as appender:
        while len(log.files) < 4 or log.files[-1].stat().st_size < 1200:
            appender.append(drops(2))
    calls = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def do(*args: Any, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == at + 1:
                raise Killed
            return call(*args, **more)

        return do

    appender = Appender(log.folder)
    with monkeypatch.context() as patch:
        for name in ("write", "fsync", "fdatasync", "unlink", "open"):
            patch.setattr(os, name, counted(getattr(os, name)))
        try:
            for _ in range(6):
                appender.append(drops(2))
        except Killed:
            pass
        else:
            pytest.fail("the rotation has more calls than this")
    appender.close()
    before = len(log.lines)
    with Appender(log.folder) as after:
        after.append(drops(3))
        for _ in range(9):
            after.append(drops(2))
        after.seal(7)
    assert len(log.files) <= 4
    assert log.verify().unsealed == 0
    assert before


def test_a_full_disk_leaves_whole_records_or_none(
    filled: Any, drops: Drops, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = filled.files[0].read_bytes()
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[: len(data) // 2]))
    with Appender(filled.folder) as appender:
        with pytest.raises(OSError) as full:
            appender.append(drops(3))
        assert full.value.errno == errno.ENOSPC
        assert filled.files[0].read_bytes() == before
        monkeypatch.undo()
        appender.append(drops(3))
    assert filled.verify().last == 31


def test_what_a_crash_has_torn_is_cut_off_and_told(filled: Any, drops: Drops) -> None:
    with filled.files[0].open("ab") as file:
        file.write(b'{"bytes":')
    with pytest.raises(AuditBroken, match="is cut"):
        filled.verify()
    with Appender(filled.folder) as appender:
        appender.append(drops(1))
    assert [r.values for r in filled.records("torn")] == [{"bytes": 9}]
    assert filled.verify().torn == 1


def test_a_key_that_a_seal_was_made_with_is_forgotten_after_a_crash(
    filled: Any, drops: Drops
) -> None:
    used = read_key(filled.folder)
    with Appender(filled.folder) as appender:
        appender.append(drops(1))
        appender.seal(2)
    replace_key(filled.folder, used)  # as if the crash came between the seal and the next key
    with Appender(filled.folder) as appender:
        appender.append(drops(1))
        appender.seal(3)
    assert read_key(filled.folder).epoch == used.epoch + 2
    assert filled.verify().seals == 6


def test_seals_that_were_cut_off_leave_a_gap(filled: Any, drops: Drops) -> None:
    lines = filled.files[0].read_bytes().splitlines(keepends=True)
    filled.files[0].write_bytes(b"".join(lines[:-5]))  # the last seal among them
    with Appender(filled.folder) as appender:
        appender.append(drops(1))
        appender.seal(3)
    with pytest.raises(AuditBroken, match="seal or records are missing"):
        filled.verify()


def test_without_its_key_a_log_is_not_sealed_in_silence(filled: Any, drops: Drops) -> None:
    (filled.folder / KEY_FILE).unlink()
    with Appender(filled.folder) as appender:
        appender.append(drops(1))
        with pytest.raises(AuditBroken, match="is missing"):
            appender.seal(1)


def test_a_seal_of_a_number_that_no_device_reaches_holds_nobody_up(filled: Any) -> None:
    with Appender(filled.folder) as appender:
        values = {"epoch": 1 << 60, "records": 0, "mac": "0" * 64}
        appender.append([Entry(mono_ns=1, kind="seal", values=values)])
        with pytest.raises(AuditBroken, match="not one that this device"):
            appender.seal(1)


def test_a_damaged_old_file_does_not_end_the_log(log: Any, drops: Drops, small: None) -> None:
    with Appender(log.folder) as appender:
        while len(log.files) < 4:
            appender.append(drops(4))
        log.files[1].write_bytes(b"\0" * 100)
        for _ in range(20):
            appender.append(drops(4))
        assert len(log.files) == 4


def test_nothing_to_append_writes_nothing(filled: Any) -> None:
    before = filled.lines
    with Appender(filled.folder) as appender:
        appender.append([])
    assert filled.lines == before


def test_what_was_not_synced_before_a_failure_is_synced_after_it(
    filled: Any, drops: Drops, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    with Appender(filled.folder, sync=synced.append) as appender:
        appender.append(drops(1))
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", lambda *_: 0)
            with pytest.raises(OSError):
                appender.append(drops(1))
        appender.sync(4)
        assert len(synced) == 1


def test_a_log_whose_records_are_gone_is_not_begun_anew(log: Any, drops: Any) -> None:
    """With its key alone left, what comes next would look like a device's first day."""
    with Appender(log.folder) as appender:
        for file in log.files:
            file.unlink()
        with pytest.raises(AuditBroken, match="begin another log"):
            appender.append(drops(1))
    with pytest.raises(AuditBroken, match="begin another log"):
        Appender(log.folder)
    assert log.files == []
