"""What runs around the engine, both ways: in Python, and in C where there is a compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sonoedge import native

BUILD = Path(__file__).parents[2] / "sdk/c/python/build_native.py"


@pytest.fixture(scope="session")
def native_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The native frame path as `make native` builds it."""
    compiler = os.environ.get("CC", "cc")
    if shutil.which(compiler) is None:
        pytest.skip(f"needs a C compiler, {compiler}")
    file = tmp_path_factory.mktemp("native") / "frame_path.so"
    subprocess.run([sys.executable, BUILD, file], check=True)
    return file


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
