"""A bundle that carries a graph for TensorRT beside its CPU variants."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

TINY = Path(__file__).parent.parent.parent / "data" / "tiny"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The tiny bundle, with "tensorrt-fp16" over the same graph."""
    folder = Path(shutil.copytree(TINY, tmp_path / "bundle"))
    file = folder / "manifest.json"
    data = json.loads(file.read_text())
    first = data["variants"][0]
    data["variants"].append(
        first
        | {"id": "tensorrt-fp16", "runtime": "tensorrt", "precision": "fp16"}
        | {"latency_ms_p50": None}
    )
    file.write_text(json.dumps(data))
    return folder
