"""What TensorRT-RTX makes of our graphs: it has a parser and a builder that need no GPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sonoedge_export.lint import lint
from sonoedge_export.quantize.tensorrt.fp16 import trt_fp16
from sonoedge_export.quantize.tensorrt.int8 import trt_int8

builder = pytest.importorskip("sonoedge_runtimes.trt_build")
pytest.importorskip("tensorrt_rtx_bindings", reason="needs pip install 'sonoedge[tensorrt-rtx]'")

TINY = Path(__file__).parents[3] / "data" / "tiny" / "graphs" / "fp32.onnx"
FRAMES = [
    np.random.default_rng(n).integers(0, 256, (1, 1, 64, 96), dtype=np.uint8) for n in range(4)
]


@pytest.mark.parametrize("capability", ["8.6", "8.9"])
def test_every_layer_meant_in_int8_is(capability: str) -> None:
    made = trt_int8(TINY.read_bytes(), FRAMES)
    assert lint(made.onnx).errors == ()
    built = builder.build(made.onnx, flavour="tensorrt-rtx", compute_capability=capability)
    assert built.report.not_int8(made.int8) == ()
    # The two heads read the same tensor: TensorRT makes one layer of them.
    assert built.report.by_precision == {"int8": 2}
    assert len(made.int8) == 3
    assert "INT8 instead" not in built.log


@pytest.mark.parametrize("capability", ["8.6", "8.9"])
def test_every_layer_meant_in_half_precision_is(capability: str) -> None:
    made = trt_fp16(TINY.read_bytes(), FRAMES)
    built = builder.build(made.onnx, flavour="tensorrt-rtx", compute_capability=capability)
    assert built.report.by_precision == {"half": 2}
    assert len(made.half) == 3
