"""One recorded clip that all tests of reading share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sample_recordings.session import TINY, record_stream


@pytest.fixture(scope="session")
def shared_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of a short session; nobody writes to it."""
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    folder = tmp_path_factory.mktemp("recorded")
    record_stream(folder, 50)
    return folder / "000001-flag"


@pytest.fixture
def clip_copy(shared_clip: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(shared_clip, tmp_path / "copy"))


@pytest.fixture
def tiny() -> Path:
    """The bundle that it is of."""
    return TINY
