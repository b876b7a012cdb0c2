"""What runs around the engine, both ways: in Python, and in C where there is a compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from once import made_once
from sonoedge import native

BUILD = Path(__file__).parents[2] / "sdk/c/python/build_native.py"


@pytest.fixture(scope="session")
def native_file() -> Path:
    """The native frame path as `make native` builds it."""
    compiler = os.environ.get("CC", "cc")
    if shutil.which(compiler) is None:
        pytest.skip(f"needs a C compiler, {compiler}")

    def build(folder: Path) -> None:
        subprocess.run([sys.executable, BUILD, folder / "frame_path.so"], check=True)

    return made_once("native", build) / "frame_path.so"


@pytest.fixture
def native_built(native_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The native frame path lies where the package looks for it."""
    monkeypatch.setattr(native, "FILE", native_file)
    return native_file


@pytest.fixture(params=["python", "native"])
def frame_path(request: pytest.FixtureRequest) -> str:
    """The frame path that a test runs with; it runs with each."""
    if request.param == "native":
        request.getfixturevalue("native_built")
    return str(request.param)
