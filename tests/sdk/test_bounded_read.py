from __future__ import annotations

import os
from pathlib import Path

import pytest

from sonoedge.bounded_read import read_bounded, read_regular


@pytest.mark.parametrize(("size", "read"), [(0, 0), (9, 9), (10, 10), (11, 11), (64 << 30, 11)])
def test_of_a_longer_file_one_byte_too_many_is_read(tmp_path: Path, size: int, read: int) -> None:
    file = tmp_path / "a"
    with file.open("wb") as out:
        out.truncate(size)
    assert read_bounded(file, 10) == bytes(read)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_bounded(tmp_path / "none", 10)


def test_a_regular_file_is_read_and_what_is_none_makes_nobody_wait(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert read_regular(tmp_path / "a", 3) == b"1234"
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match="no regular file"):
            read_regular(path, 10)
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "none", 10)
