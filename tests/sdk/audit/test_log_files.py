from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sonoedge.audit.log_files import LogFiles
from sonoedge.errors import InvalidSettings


@pytest.mark.parametrize("name", ["absent", "file", "empty"])
def test_what_is_no_log_is_refused_with_what_makes_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidSettings, match="sonoedge audit init"):
        LogFiles(tmp_path / name)


def test_only_the_logs_own_names_are_its_files(log: Any) -> None:
    for name in ("audit-1.jsonl", "audit-00000001.jsonl.bak", "audit-\u0661\u0661000000.jsonl"):
        (log.folder / name).write_bytes(b"")
    assert LogFiles(log.folder).numbers() == [0]


def test_one_appends_and_the_others_wait(log: Any) -> None:
    first, second = LogFiles(log.folder), LogFiles(log.folder)
    with first.lock():
        with pytest.raises(TimeoutError), second.lock(wait_s=0.02):
            pass
        with pytest.raises(TimeoutError), second.lock(shared=True, wait_s=0.02):
            pass
    with first.lock(shared=True), second.lock(shared=True, wait_s=0.02):
        pass
    with second.lock(wait_s=0.02):
        pass


def test_a_link_is_no_file_of_a_log(log: Any, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"secret")
    (log.folder / "audit-00000001.jsonl").symlink_to(tmp_path / "elsewhere")
    files = LogFiles(log.folder)
    for call in (files.read, files.open):
        with pytest.raises(OSError):
            call(1)


def test_a_pipe_in_a_files_place_holds_nobody_up(log: Any) -> None:
    os.mkfifo(log.folder / "audit-00000001.jsonl")
    assert LogFiles(log.folder).read(1) == b""


def test_keys_that_were_not_put_into_place_are_removed(log: Any) -> None:
    (log.folder / ".seal.key.4711").write_text("a key")
    LogFiles(log.folder).remove_drafts()
    assert not list(log.folder.glob(".seal.key*"))
