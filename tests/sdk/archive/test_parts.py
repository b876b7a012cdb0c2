from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sonoedge.archive.items import Item
from sonoedge.archive.outcome import ItemOutcome
from sonoedge.archive.parts import Parts, begin, read_end, read_manifest
from sonoedge.errors import InvalidSettings

IDENTITY = {"schema_version": 1, "bundle_id": "b-1", "versions": {"numpy": "2"}}
ITEM = Item(path="a.dcm")


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    return begin(tmp_path / "out", IDENTITY)


def test_a_part_appears_when_it_is_finished_and_not_before(parts: Parts) -> None:
    with parts.draft(ITEM, "d", 3) as draft:
        draft.write({"kind": "frame"})
        assert parts.end(ITEM.id) is None
        draft.finish({"outcome": "DONE"}, modified_ns=10**18)
    end = parts.end(ITEM.id)
    assert end is not None
    assert (end["file"], end["sha256"], end["bytes"], end["outcome"]) == ("a.dcm", "d", 3, "DONE")
    assert parts.path(ITEM.id).stat().st_mtime_ns == 10**18
    assert [item for item, _ in parts] == [ITEM.id]


def test_a_draft_that_is_given_up_leaves_nothing(parts: Parts) -> None:
    with pytest.raises(RuntimeError), parts.draft(ITEM, "d", 3):
        raise RuntimeError
    assert list(parts.path(ITEM.id).parent.iterdir()) == []


def test_a_full_disk_leaves_nothing(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        parts.failed(ITEM, ItemOutcome.TIMEOUT, "", "d", 3)
    assert list(parts.path(ITEM.id).parent.iterdir()) == []


def test_drafts_of_killed_processes_are_swept_when_they_are_old(parts: Parts) -> None:
    folder = parts.path(ITEM.id).parent
    folder.mkdir(parents=True)
    old, young = folder / ".tmp-1", folder / ".tmp-2"
    old.touch()
    young.touch()
    os.utime(old, (0, 0))
    parts.sweep(older_than_s=600)
    assert list(folder.iterdir()) == [young]


def test_a_folder_of_other_results_is_refused_with_the_difference(tmp_path: Path) -> None:
    begin(tmp_path, IDENTITY)
    assert read_manifest(tmp_path) == IDENTITY
    begin(tmp_path, IDENTITY)
    with pytest.raises(InvalidSettings, match="bundle_id b-2 in place of b-1"):
        begin(tmp_path, IDENTITY | {"bundle_id": "b-2"})
    with pytest.raises(InvalidSettings, match="numpy 3 in place of 2"):
        begin(tmp_path, IDENTITY | {"versions": {"numpy": "3"}})


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(InvalidSettings, match="is not empty"):
        begin(tmp_path, IDENTITY)


def test_a_part_of_another_run_is_none_of_ours(parts: Parts, tmp_path: Path) -> None:
    parts.failed(ITEM, ItemOutcome.TIMEOUT, "", "d", 3)
    assert Parts(tmp_path / "out", "0" * 32).end(ITEM.id) is None


@pytest.mark.parametrize("text", [b"", b"{}\n", b'{"kind":"frame"}\n', b"\xff\n", b'{"kind":"end"'])
def test_a_cut_file_is_no_part(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "part").write_bytes(text)
    assert read_end(tmp_path / "part") is None
