"""The native frame path as tests build it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from studies.native_path import compiled


def built(compiler: str, to: Path, *further: str | Path) -> Path:
    """A program or library of the frame path; skips where there is no such compiler."""
    if shutil.which(compiler) is None:
        pytest.skip(f"needs {compiler}")
    return compiled(compiler, to, *further)
