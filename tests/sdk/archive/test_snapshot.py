from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from sonoedge.archive.items import Item
from sonoedge.archive.snapshot import changed, size_and_newest, take

FILE = Item(path="a.dcm")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.dcm").write_bytes(b"recording")
    return tmp_path


def test_a_file_is_known_by_its_bytes(folder: Path) -> None:
    taken = take(FILE, folder, follow=False)
    assert taken.sha256 == hashlib.sha256(b"recording").hexdigest()
    assert (taken.size, taken.newest_ns) == size_and_newest(FILE, folder, follow=False)
    assert not changed(taken, FILE, folder, follow=False)


def test_pictures_are_known_by_their_names_and_bytes(folder: Path) -> None:
    (folder / "b.png").write_bytes(b"b")
    (folder / "c.png").write_bytes(b"c")
    item = Item(path="", pictures=("b.png", "c.png"))
    before = take(item, folder, follow=False).sha256
    (folder / "b.png").rename(folder / "d.png")
    (folder / "c.png").rename(folder / "b.png")
    (folder / "d.png").rename(folder / "c.png")
    assert take(item, folder, follow=False).sha256 != before


def test_a_file_that_grows_has_changed(folder: Path) -> None:
    taken = take(FILE, folder, follow=False)
    with (folder / "a.dcm").open("ab") as file:
        file.write(b"more")
    assert changed(taken, FILE, folder, follow=False)


def test_a_write_within_the_clocks_grain_is_seen_by_the_bytes(folder: Path) -> None:
    """As if the file system's stamps had not moved: they are believed of settled files alone."""
    taken = take(FILE, folder, follow=False)
    assert not taken.settled
    path = folder / "a.dcm"
    state = path.stat()
    path.write_bytes(b"RECORDING")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert changed(taken, FILE, folder, follow=False)
    later = take(FILE, folder, follow=False, wall_ns=lambda: state.st_mtime_ns + 10**10)
    assert later.settled


def test_a_file_that_is_gone_has_changed(folder: Path) -> None:
    taken = take(FILE, folder, follow=False)
    (folder / "a.dcm").unlink()
    assert changed(taken, FILE, folder, follow=False)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/etc/hostname")])
def test_a_pipe_or_a_link_in_its_place_is_not_read(folder: Path, make: object) -> None:
    (folder / "a.dcm").unlink()
    make(folder / "a.dcm")  # type: ignore[operator]
    with pytest.raises(OSError):
        take(FILE, folder, follow=False)
