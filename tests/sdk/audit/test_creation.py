from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sonoedge.audit import create_log
from sonoedge.audit.seal import read_key
from sonoedge.errors import OutputError


def test_a_log_begins_with_a_sealed_record(log: Any) -> None:
    assert [record.kind for record in log.records()] == ["created", "seal"]
    assert log.verify().unsealed == 0


def test_the_first_key_does_not_stay_on_the_device(log: Any) -> None:
    assert read_key(log.folder) == log.key.following()
    files = [file.read_bytes() for file in log.folder.iterdir()]
    assert not any(log.key.key.encode() in data for data in files)


def test_logs_are_told_apart(tmp_path: Path) -> None:
    assert create_log(tmp_path / "a") != create_log(tmp_path / "b")


@pytest.mark.parametrize("place", ["full", "a/b/c", "file"])
def test_a_place_that_cannot_hold_a_log_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").write_bytes(b"")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        create_log(tmp_path / place)
    assert (tmp_path / "full" / "something").exists()
