"""What calls the native path is tested with it, in tests/sdk/c/core/frame."""

from __future__ import annotations

from pathlib import Path

import pytest

from studies.native_path import compiled


def test_a_missing_compiler_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-compiler"):
        compiled("no-such-compiler", tmp_path / "frame.so")
