"""An ONNX graph as LiteRT's file: operator for operator, with the graph's own scales."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import onnx
from onnx import TensorProto

from sonoedge.errors import RuntimeUnavailable
from sonoedge_export.litert.convolution import conv, gemm
from sonoedge_export.litert.draft import Draft
from sonoedge_export.litert.elementwise import (
    BINARY,
    LEVELS,
    UNARY,
    binary,
    cast,
    clip,
    softmax,
    unary,
)
from sonoedge_export.litert.model_file import Scales
from sonoedge_export.litert.pooling import REDUCTIONS, average_pool, max_pool, reduction
from sonoedge_export.litert.resize import resize
from sonoedge_export.litert.shapes import at_beginning, at_end, concat, pad, reshape
from sonoedge_export.onnx_graph import constants_to_initializers, name_nodes

Writer = Callable[[Draft, onnx.NodeProto], None]


def quantize(draft: Draft, node: onnx.NodeProto) -> None:
    """A quantizer of what was computed in float."""
    scales = draft.read_scales(node)
    output = draft.new(node.output[0], "int8", scales)
    draft.file.operator("QUANTIZE", [draft.number(node.input[0])], output)
    draft.put_integers(node.output[0], output)


def dequantize(draft: Draft, node: onnx.NodeProto) -> None:
    """Nothing: who reads it takes the integers, or asks for them in float."""


WRITERS: Final[Mapping[str, Writer]] = {
    **dict.fromkeys(BINARY, binary),
    **dict.fromkeys(UNARY, unary),
    **dict.fromkeys((*REDUCTIONS, "GlobalAveragePool", "GlobalMaxPool"), reduction),
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"), reshape),
    **dict.fromkeys(("Gemm", "MatMul"), gemm),
    **dict.fromkeys(("Relu", "Clip"), clip),
    "AveragePool": average_pool,
    "Cast": cast,
    "Concat": concat,
    "Conv": conv,
    "DequantizeLinear": dequantize,
    "MaxPool": max_pool,
    "Pad": pad,
    "QuantizeLinear": quantize,
    "Resize": resize,
    "Softmax": softmax,
}


def to_litert(graph: bytes) -> bytes:
    """LiteRT's file of a graph with static shapes, in float or with ONNX Runtime's quantizers.

    Layers between quantizers compute in int8 with the weights, scales and zero points of the
    graph. The file's inputs and outputs have the graph's names, types, shapes and order.

    Args:
        graph: an ONNX model's bytes; uint8 activations, int8 weights around zero.

    Raises:
        MissingDependency: ai-edge-litert is not installed.
        RuntimeUnavailable: an operator is not written for LiteRT; the message names it.
    """
    model = onnx.load_from_string(graph)
    constants_to_initializers(model)
    name_nodes(model)
    unknown = sorted({n.op_type for n in model.graph.node} - WRITERS.keys())
    if unknown:
        raise RuntimeUnavailable(f"not written for LiteRT: {', '.join(unknown)}")
    draft = Draft(model)
    inputs = {
        i.name: at_beginning(draft, i.name, *_kind(i.type.tensor_type.elem_type))
        for i in draft.view.graph.input
    }
    for node in draft.view.nodes:
        if node.name not in draft.fused:
            WRITERS[node.op_type](draft, node)
    outputs = {
        o.name: at_end(draft, o.name, *_kind(o.type.tensor_type.elem_type))
        for o in draft.view.graph.output
    }
    return draft.file.to_bytes(inputs, outputs)


def _kind(element: int) -> tuple[str, Scales | None]:
    """Dtype and scales of an input or output."""
    if element == TensorProto.UINT8:
        return "uint8", LEVELS
    if element == TensorProto.FLOAT:
        return "float32", None
    raise RuntimeUnavailable("LiteRT's inputs and outputs are uint8 or float32")
