"""The graphs of variants whose engine is built on the device: made and linted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sonoedge.errors import RuntimeUnavailable
from sonoedge_export.lint import lint
from sonoedge_export.quantize.quantized import Quantized
from sonoedge_export.quantize.tensorrt.fp16 import trt_fp16
from sonoedge_export.quantize.tensorrt.int8 import trt_int8

Frame = npt.NDArray[np.uint8]


def tensorrt_graph(
    graph: bytes, tensors: Sequence[Frame], precision: str, keep_float: Collection[str]
) -> Quantized:
    """The graph that TensorRT gets.

    Args:
        graph: the deployed float graph.
        tensors: calibration frames as the engine gets them, uint8 [1, 1, H, W].
        precision: "int8" or "fp16".
        keep_float: names of layers that stay in float32.

    Raises:
        InvalidNetwork: the graph cannot be converted.
        RuntimeUnavailable: TensorRT would not take it; the message names the rules.
    """
    if precision == "int8":
        int8 = trt_int8(graph, tensors, keep_float=keep_float)
        converted, low_precision = int8.onnx, int8.int8
    else:
        fp16 = trt_fp16(graph, tensors, keep_float=keep_float)
        converted, low_precision = fp16.onnx, fp16.half
    verdict = lint(converted)
    if verdict.errors:
        rules = dict.fromkeys(f"{f.id} {f.name}" for f in verdict.errors)
        raise RuntimeUnavailable(
            f"TensorRT would not take the graph as it is meant: {', '.join(rules)}; "
            "write the graph out and run sonoedge lint"
        )
    metadata: dict[str, Any] = {
        "kept_float": list(keep_float),
        f"{precision}_nodes": list(low_precision),
        "lint_warnings": sorted({f.id for f in verdict.warnings}),
    }
    return Quantized(model=converted, kept_float=tuple(keep_float), metadata=metadata)
