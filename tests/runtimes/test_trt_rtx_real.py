"""The real TensorRT-RTX as far as it goes without a GPU: its own words become our errors.

The driver and libcudart are stand-ins, so that its door is reached; behind it the real
library finds no GPU.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sonoedge.bundle.identity import manifest_text
from sonoedge.errors import EngineMismatch, RuntimeUnavailable
from sonoedge_runtimes.trt_build.load import MODULES
from sonoedge_runtimes.trt_rtx import TensorRtRtx

if not any(importlib.util.find_spec(name) for name in MODULES["tensorrt-rtx"]):
    pytest.skip("needs the extra tensorrt-rtx", allow_module_level=True)

TESTS = Path(__file__).parent.parent
GRAPH = (TESTS / "data/tiny/graphs/fp32.onnx").read_bytes()


@pytest.fixture(scope="module")
def engine() -> bytes:
    from sonoedge_runtimes.trt_build import build

    return build(GRAPH, flavour="tensorrt-rtx", timeout_s=300).engine


@pytest.fixture(autouse=True)
def without_a_gpu() -> None:
    from sonoedge.device.gpu import probe_gpu

    if not isinstance(probe_gpu(), str):
        pytest.skip("there is a GPU here, and this is about machines without")


def test_a_sound_engine_ends_in_our_error_for_want_of_a_gpu(cuda: Any, engine: bytes) -> None:
    with pytest.raises(RuntimeUnavailable, match="GPU"):
        TensorRtRtx(engine, precision="fp16", threads=None)
    assert cuda.live() == 0


@pytest.mark.parametrize("cut", [0, 3, 100])
def test_what_is_no_engine_is_told_from_what_finds_no_gpu(
    cuda: Any, engine: bytes, cut: int
) -> None:
    with pytest.raises(EngineMismatch, match="sonoedge provision"):
        TensorRtRtx(b"x" * cut, precision="fp16", threads=None)
    assert cuda.live() == 0


def test_provision_builds_with_it_and_stops_where_a_gpu_must_run(tmp_path: Path) -> None:

    bundle = Path(shutil.copytree(TESTS / "data/tiny", tmp_path / "bundle"))
    data = json.loads((bundle / "manifest.json").read_text())
    more = {"id": "tensorrt-fp16", "runtime": "tensorrt", "precision": "fp16"}
    data["variants"].append(data["variants"][0] | more | {"latency_ms_p50": None})
    (bundle / "manifest.json").write_text(manifest_text(data))
    words = ["provision", str(bundle), "--runtime", "tensorrt-rtx"]
    done = subprocess.run(
        [sys.executable, "-m", "sonoedge", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert "building engine: step" in done.stderr
    assert "cannot be checked here: there is no NVIDIA driver here" in done.stderr
    assert not (tmp_path / "bundle.provision").exists()
