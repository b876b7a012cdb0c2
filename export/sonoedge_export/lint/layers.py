"""Rules about convolutions and matrix products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import onnx

from sonoedge_export.lint.rule import Place
from sonoedge_export.lint.view import QUANTIZERS, View, attribute, title
from sonoedge_export.onnx_graph import WEIGHTED

ACTIVATIONS: Final = ("Relu", "Clip", "Sigmoid", "HardSwish", "HardSigmoid", "LeakyRelu", "PRelu")


def computed_weights(view: View) -> Iterator[Place]:
    """T013."""
    for node in view.of("Conv", "ConvTranspose"):
        weight = node.input[1]
        if not view.constant(weight) and not view.made_by(weight, "DequantizeLinear"):
            yield title(node), "its weights are computed at run time"


def half_quantized(view: View) -> Iterator[Place]:
    """T014."""
    for node in view.of(*WEIGHTED):
        source, weight = (view.dequantized(t) for t in node.input[:2])
        if source != weight:
            quantized = "input is" if source else "weights are"
            yield title(node), f"only its {quantized} quantized"


def weight_axis(view: View) -> Iterator[Place]:
    """T015."""
    for node in view.of("Conv", "Gemm", "MatMul"):
        pair = view.maker.get(node.input[1])
        if pair is None or pair.op_type != "DequantizeLinear":
            continue
        scale = view.value(pair.input[1])
        dims = _dims(view, pair)
        if scale is None or scale.size < 2 or dims is None:
            continue
        axis, expected = int(attribute(pair, "axis", 1)) % dims, _output_axis(node, dims)
        if axis != expected:
            yield title(node), f"its weights' scales lie along axis {axis}, not {expected}"


def quantized_bias(view: View) -> Iterator[Place]:
    """T016."""
    for node in view.of("Conv", "ConvTranspose", "Gemm"):
        if len(node.input) > 2 and view.made_by(node.input[2], "DequantizeLinear"):
            yield title(node), "its bias comes out of DequantizeLinear"


def output_split(view: View) -> Iterator[Place]:
    """T017."""
    for node in view.of(*WEIGHTED):
        readers = {r.op_type for r in view.readers[node.output[0]]}
        if "QuantizeLinear" in readers and readers - {"QuantizeLinear"} and _int8(view, node):
            yield title(node), "its output is read both quantized and as it is"


def before_activation(view: View) -> Iterator[Place]:
    """T018."""
    for node in view.of(*WEIGHTED):
        for pair in view.readers[node.output[0]]:
            if pair.op_type != "QuantizeLinear":
                continue
            ends = [d.output[0] for d in view.readers[pair.output[0]] if d.op_type in QUANTIZERS]
            if any(r.op_type in ACTIVATIONS for end in ends for r in view.readers[end]):
                yield title(node), "a quantizer stands between it and its activation"


def grouped(view: View) -> Iterator[Place]:
    """T025."""
    for node in view.of("Conv"):
        groups = int(attribute(node, "group", 1))
        if groups > 1 and _int8(view, node):
            yield title(node), f"it has {groups} groups and is quantized"


def transposed(view: View) -> Iterator[Place]:
    """T026."""
    for node in view.of("ConvTranspose"):
        if _int8(view, node):
            yield title(node), "it is a transposed convolution and is quantized"


def _int8(view: View, node: onnx.NodeProto) -> bool:
    return view.dequantized(node.input[0]) and view.dequantized(node.input[1])


def _dims(view: View, pair: onnx.NodeProto) -> int | None:
    tensor = pair.input[0]
    if view.made_by(tensor, "QuantizeLinear"):
        tensor = view.maker[tensor].input[0]
    initializer = view.constants.get(tensor)
    return None if initializer is None else len(initializer.dims)


def _output_axis(node: onnx.NodeProto, dims: int) -> int:
    if node.op_type == "Conv" or (node.op_type == "Gemm" and attribute(node, "transB", 0)):
        return 0
    return dims - 1
