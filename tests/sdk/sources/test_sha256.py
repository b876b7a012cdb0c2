from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from sonoedge.sources.sha256 import file_sha256


@pytest.mark.parametrize("size", [0, 1, (1 << 20) + 1])
def test_a_files_digest_is_of_all_its_bytes(tmp_path: Path, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    (tmp_path / "a").write_bytes(data[:size])
    assert file_sha256(tmp_path / "a") == hashlib.sha256(data[:size]).hexdigest()
