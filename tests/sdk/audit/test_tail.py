from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sonoedge.audit.log_files import LogFiles
from sonoedge.audit.tail import Tail, read_tail


def end(log: Any) -> Tail:
    return read_tail(LogFiles(log.folder))


def test_the_end_of_a_log_is_that_of_its_newest_record(filled: Any) -> None:
    tail, verified = end(filled), filled.verify()
    assert (tail.seq, tail.hash, tail.mac) == (verified.last + 1, verified.hash, verified.seal)
    assert (tail.number, tail.size) == (0, filled.files[0].stat().st_size)
    assert (tail.epoch, tail.unsealed, tail.torn) == (4, 0, 0)
    assert tail.anchor is not None
    assert tail.anchor.seq == verified.last


@pytest.mark.parametrize(
    "rest", [b"{", b'{"seq":', b"\0" * 5000, b"\0\n\0\n", b"x\n" * 9], ids=range(5)
)
def test_what_follows_the_last_whole_record_is_torn(filled: Any, rest: bytes) -> None:
    before = end(filled)
    with filled.files[0].open("ab") as file:
        file.write(rest)
    assert end(filled) == replace(before, torn=len(rest))


def test_an_empty_newest_file_goes_on_where_the_one_before_ended(filled: Any) -> None:
    before = end(filled)
    (filled.folder / "audit-00000001.jsonl").write_bytes(b"")
    assert end(filled) == replace(before, number=1, size=0)


def test_a_record_that_was_changed_is_left_for_the_check_to_find(filled: Any) -> None:
    data = filled.files[0].read_bytes()
    filled.files[0].write_bytes(data.replace(b"STALE", b"STAGE", 1))
    assert end(filled).torn == 0


def test_a_folder_without_records_begins_at_the_beginning(log: Any) -> None:
    log.files[0].unlink()
    assert end(log) == Tail()
    assert end(log).anchor is None
