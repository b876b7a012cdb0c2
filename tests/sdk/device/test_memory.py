from __future__ import annotations

import mmap
import os
from pathlib import Path

import pytest

from sonoedge.device.memory import private_bytes

SIZE = 64 << 20


def test_it_counts_what_is_a_processes_own_and_not_what_is_shared() -> None:
    if not Path("/proc/self/statm").exists():
        pytest.skip("the kernel keeps no such account")
    before = private_bytes(os.getpid())
    assert before is not None
    own = bytearray(b"x") * SIZE
    with_own = private_bytes(os.getpid())
    assert with_own is not None
    assert with_own - before >= SIZE * 0.9
    shared = mmap.mmap(-1, SIZE)  # shared, anonymous
    shared.write(own)
    with_shared = private_bytes(os.getpid())
    assert with_shared is not None
    assert with_shared - with_own < SIZE * 0.5
    shared.close()


def test_of_a_process_that_is_gone_nothing_is_known(tmp_path: Path) -> None:
    assert private_bytes(1, tmp_path) is None
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "statm").write_text("nonsense")
    assert private_bytes(1, tmp_path) is None
