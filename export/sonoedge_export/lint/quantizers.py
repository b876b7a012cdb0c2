"""Rules about QuantizeLinear and DequantizeLinear themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto

from sonoedge_export.lint.rule import Place
from sonoedge_export.lint.view import PASSING, QUANTIZERS, View, title

TAKEN: Final = (
    TensorProto.INT8,
    TensorProto.INT4,
    TensorProto.FLOAT8E4M3FN,
    TensorProto.FLOAT4E2M1,
)
TYPES: Final = {number: name.lower() for name, number in TensorProto.DataType.items()}


def scale_not_constant(view: View) -> Iterator[Place]:
    """T003."""
    for node in view.of(*QUANTIZERS):
        if node.input[1] not in view.constants:
            yield title(node), "its scale is computed at run time"


def scale_not_positive(view: View) -> Iterator[Place]:
    """T004."""
    for node in view.of(*QUANTIZERS):
        scale = view.value(node.input[1])
        if scale is None:
            continue
        wide = scale.astype(np.float64)
        if not (np.isfinite(wide) & (wide > 0)).all():
            yield title(node), f"its smallest scale is {np.min(wide):g}"


def zero_point_not_constant(view: View) -> Iterator[Place]:
    """T005."""
    for node in view.of(*QUANTIZERS):
        if len(node.input) > 2 and node.input[2] and node.input[2] not in view.constants:
            yield title(node), "its zero point is computed at run time"


def int32(view: View) -> Iterator[Place]:
    """T006."""
    for node in view.of("DequantizeLinear"):
        if view.quantized_type(node) == TensorProto.INT32:
            yield title(node), "it dequantizes int32, as a quantized bias is"


def uint8(view: View) -> Iterator[Place]:
    """T007."""
    for node in view.of(*QUANTIZERS):
        if view.quantized_type(node) == TensorProto.UINT8 and not _shifted(view, node):
            yield title(node), "it is uint8 with zero point 0"


def other_type(view: View) -> Iterator[Place]:
    """T008."""
    handled = (*TAKEN, TensorProto.UINT8, TensorProto.INT32, TensorProto.UNDEFINED)
    for node in view.of(*QUANTIZERS):
        kind = view.quantized_type(node)
        if kind not in handled:
            yield title(node), f"it quantizes to {TYPES.get(kind, kind)}"


def asymmetric(view: View) -> Iterator[Place]:
    """T009."""
    for node in view.of(*QUANTIZERS):
        if _shifted(view, node):
            yield title(node), "its zero point is not 0"


def wide_weights(view: View) -> Iterator[Place]:
    """T010."""
    for node in view.of("DequantizeLinear"):
        levels = view.value(node.input[0])
        if levels is not None and levels.dtype == np.int8 and bool((levels == -128).any()):
            yield title(node), "its weights hold -128"


def per_channel_activation(view: View) -> Iterator[Place]:
    """T011."""
    for node in view.of(*QUANTIZERS):
        scale = view.value(node.input[1])
        if scale is not None and scale.size > 1 and not view.constant_weights(node):
            yield title(node), f"an activation has {scale.size} scales"


def not_dequantized(view: View) -> Iterator[Place]:
    """T012."""
    for node in view.of("QuantizeLinear"):
        readers = view.readers[node.output[0]]
        if not readers or any(r.op_type not in ("DequantizeLinear", *PASSING) for r in readers):
            yield title(node), "no DequantizeLinear follows it"


def half_scale(view: View) -> Iterator[Place]:
    """T027."""
    for node in view.of(*QUANTIZERS):
        scale = view.constants.get(node.input[1])
        if scale is not None and scale.data_type == TensorProto.FLOAT16:
            yield title(node), "its scale is float16"


def _shifted(view: View, node: onnx.NodeProto) -> bool:
    if len(node.input) < 3 or not node.input[2]:
        return False
    zero = view.value(node.input[2])
    return zero is not None and bool((zero.astype(np.float64) != 0).any())
