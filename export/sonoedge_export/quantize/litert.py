"""LiteRT's int8: what ONNX Runtime's quantizer made, number for number, in LiteRT's file.

LiteRT has a quantizer of its own, whose ranges are others than those of the bundle's other
int8 variants. Its kernels add 8-bit products in 32 bits on every processor, so that weights
may use their whole range.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import onnx

from sonoedge_export.litert.convert import to_litert
from sonoedge_export.quantize.layers import last
from sonoedge_export.quantize.ort import quantize_ort
from sonoedge_export.quantize.quantized import Quantized
from sonoedge_export.recipe.calibration import Calibration


def quantize_litert(
    graph: bytes,
    tensors: Sequence[npt.NDArray[np.uint8]],
    settings: Calibration,
    *,
    keep_float: Collection[str] = (),
) -> Quantized:
    """Quantize a float graph for LiteRT's CPU kernels.

    Args:
        graph: as `prepared` gives it.
        tensors: calibration frames as the engine gets them, uint8 [1, 1, H, W].
        keep_float: names of layers that stay in float.

    Raises:
        InvalidNetwork: the quantizer cannot take the graph.
        InvalidSettings: keep_float names no layer.
        MissingDependency: LiteRT is not installed.
        RuntimeUnavailable: an operator is not written for LiteRT; the message names it.
    """
    model = onnx.load_from_string(graph)
    # LiteRT's integer kernels give integers: a layer whose output is not rounded computes in
    # float. Before a layer in float it may be rounded; the last layers' logits may not.
    rounded = last(model) <= set(keep_float)
    quantized = quantize_ort(graph, tensors, settings, keep_float=keep_float, round_layers=rounded)
    return Quantized(
        model=to_litert(quantized.model),
        kept_float=tuple(keep_float),
        metadata={"method": settings.method, "kept_float": list(keep_float)},
    )
