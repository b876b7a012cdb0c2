from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from sonoedge.file_sha256 import file_sha256


@pytest.mark.parametrize("size", [0, 1, (1 << 20) + 1, 3 << 20])
def test_a_files_digest_is_of_all_its_bytes(tmp_path: Path, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    (tmp_path / "a").write_bytes(data[:size])
    assert file_sha256(tmp_path / "a") == hashlib.sha256(data[:size]).hexdigest()


def test_a_file_that_is_not_there_has_none(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        file_sha256(tmp_path / "absent")
