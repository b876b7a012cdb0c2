from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from sonoedge.bundle import reading
from sonoedge.bundle.reading import OpenFolder, is_plain_path
from sonoedge.errors import BundleNotFound, DigestMismatch, UnsafeContent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "bundle"
    (place / "graphs").mkdir(parents=True)
    (place / "graphs" / "a").write_bytes(b"12345")
    return place


def test_a_file_of_the_size_expected_is_read(folder: Path) -> None:
    assert OpenFolder(folder).read("graphs/a", 5) == b"12345"
    assert OpenFolder(folder).read_at_most("graphs/a", 5) == b"12345"


@pytest.mark.parametrize("size", [0, 4, 6, 2**70])
def test_a_file_of_another_size_is_refused_unread(folder: Path, size: int) -> None:
    with pytest.raises(DigestMismatch, match=f"expected {size} bytes, found 5"):
        OpenFolder(folder).read("graphs/a", size)


def test_a_file_that_is_missing_is_a_digest_mismatch(folder: Path) -> None:
    for path in ("graphs/b", "b", "none/a"):
        with pytest.raises(DigestMismatch, match=f"{path} cannot be read .No such file"):
            OpenFolder(folder).read(path, 5)


def _pipe(file: Path) -> None:
    os.mkfifo(file)


def _socket(file: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(file.parent)  # its path may have no more than 107 characters
        try:
            server.bind(file.name)
        finally:
            os.chdir(here)


def _sparse(file: Path) -> None:
    with file.open("wb") as out:
        out.truncate(64 << 30)


SPECIAL = {
    "pipe": _pipe,
    "socket": _socket,
    "folder": lambda file: file.mkdir(),
    "link to a file": lambda file: file.symlink_to("a"),
    "link to a device": lambda file: file.symlink_to("/dev/zero"),
    "link to itself": lambda file: file.symlink_to(file.name),
    "link to nothing": lambda file: file.symlink_to("nothing"),
}


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_regular_file_is_refused_and_holds_nothing_up(folder: Path, kind: str) -> None:
    SPECIAL[kind](folder / "graphs" / "x")
    for read in (OpenFolder(folder).read, OpenFolder(folder).read_at_most):
        with pytest.raises(UnsafeContent, match=r"graphs/x .*not a regular file"):
            read("graphs/x", 5)


def test_a_device_is_refused() -> None:
    with pytest.raises(UnsafeContent, match="not a regular file"):
        OpenFolder(Path("/dev")).read("zero", 5)


def test_a_link_to_a_folder_is_not_followed(folder: Path) -> None:
    (folder / "link").symlink_to("graphs")
    with pytest.raises(UnsafeContent, match="reached through a link"):
        OpenFolder(folder).read("link/a", 5)


def test_a_sparse_file_of_64_GB_costs_nothing(folder: Path) -> None:
    _sparse(folder / "sparse")
    with pytest.raises(UnsafeContent, match="at most 1024"):
        OpenFolder(folder).read_at_most("sparse", 1024)
    with pytest.raises(DigestMismatch):
        OpenFolder(folder).read("sparse", 1024)


@pytest.mark.parametrize(
    "path",
    ["", "/", "/etc/passwd", "../bundle/graphs/a", "graphs/../graphs/a", "graphs//a", "./graphs/a",
     "graphs/a/", "graphs\\a", "a\0b", "\ud800", "ä", "a\nb", "x" * 256, "a/" * 8 + "b"],
)  # fmt: skip
def test_what_is_no_plain_path_never_reaches_the_system(
    folder: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_plain_path(path)
    opened = OpenFolder(folder)
    monkeypatch.setattr(reading.os, "open", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(UnsafeContent, match="not a plain path"):
        opened.read(path, 5)


def test_a_file_that_grows_while_it_is_read_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading.os, "read", lambda _, size: b"x" * size)
    with pytest.raises(DigestMismatch, match="changed while it was read"):
        OpenFolder(folder).read("graphs/a", 5)


def test_a_file_that_shrinks_while_it_is_read_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = iter([b"123", b""])
    monkeypatch.setattr(reading.os, "read", lambda *_: next(pieces))
    with pytest.raises(DigestMismatch, match="changed while it was read"):
        OpenFolder(folder).read("graphs/a", 5)


def test_a_file_comes_whole_in_however_many_pieces_the_system_gives_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = os.read
    monkeypatch.setattr(reading.os, "read", lambda fd, size: read(fd, min(size, 2)))
    assert OpenFolder(folder).read("graphs/a", 5) == b"12345"


def test_a_folder_that_is_replaced_stays_the_one_that_was_opened(folder: Path) -> None:
    opened = OpenFolder(folder)
    folder.rename(folder.with_name("old"))
    (folder / "graphs").mkdir(parents=True)
    (folder / "graphs" / "a").write_bytes(b"other")
    assert opened.read("graphs/a", 5) == b"12345"
    assert OpenFolder(folder).read("graphs/a", 5) == b"other"


@pytest.mark.parametrize("path", ["nothing", "graphs/a", "a\0b"])
def test_a_folder_that_is_none_is_not_found(folder: Path, path: str) -> None:
    with pytest.raises(BundleNotFound, match="cannot be opened"):
        OpenFolder(folder / path)


def test_no_descriptor_stays_open(folder: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    opened = OpenFolder(folder)
    opened.read("graphs/a", 5)
    (folder / "graphs" / "link").symlink_to("a")
    for path in ("graphs/a", "graphs/b", "graphs/link", "graphs"):
        with pytest.raises((DigestMismatch, UnsafeContent)):
            opened.read(path, 6)
    assert len(os.listdir("/proc/self/fd")) == before + 1  # noqa: PTH208
    del opened
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
