from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sonoedge import durable
from sonoedge.durable import replace_durably, sync_folder, write_durably


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches the disk, in order."""
    order: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def recorded(fd: int) -> None:
        order.append(f"fsync {Path(os.readlink(f'/proc/self/fd/{fd}')).name}")  # noqa: PTH115
        fsync(fd)

    def renamed(self: Path, target: Path) -> Path:
        order.append(f"rename {self.name} {target.name}")
        return rename(self, target)

    monkeypatch.setattr(durable.os, "fsync", recorded)
    monkeypatch.setattr(Path, "replace", renamed)
    return order


@pytest.mark.req("R36")
def test_the_file_reaches_the_disk_before_its_name_and_the_name_before_the_end(
    tmp_path: Path, calls: list[str]
) -> None:
    replace_durably(tmp_path / "a", b"new")
    draft = f".a.{os.getpid()}"
    assert calls == [f"fsync {draft}", f"rename {draft} a", f"fsync {tmp_path.name}"]
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_durably(tmp_path / "a", b"new")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"old"}


def test_a_draft_that_a_killed_process_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f".a.{os.getpid()}").write_bytes(b"half")
    replace_durably(tmp_path / "a", b"new")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"new"}


def test_a_new_file_never_goes_over_another_nor_through_a_link(tmp_path: Path) -> None:
    write_durably(tmp_path / "a", b"one")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("a", "link"):
        with pytest.raises(FileExistsError):
            write_durably(tmp_path / name, b"two")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert not (tmp_path / "elsewhere").exists()


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    sync_folder(tmp_path)
    with pytest.raises(OSError):
        sync_folder(tmp_path / "none")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_new_file_can_be_for_its_owner_alone(tmp_path: Path) -> None:
    write_durably(tmp_path / "key", b"secret", 0o600)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_new_file_that_cannot_be_written_is_not_left_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_durably(tmp_path / "root.pem", b"key")
    assert list(tmp_path.iterdir()) == []
