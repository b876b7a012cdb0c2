"""Operators that go value by value: sums and products in int8, everything else in float."""

from __future__ import annotations

from typing import Final

import numpy as np
import onnx
from onnx import TensorProto

from sonoedge_export.lint.view import attribute
from sonoedge_export.litert.convolution import ACTIVATIONS, clip_limits
from sonoedge_export.litert.draft import Draft
from sonoedge_export.litert.layout import RANK, refuse
from sonoedge_export.litert.model_file import Scales

# ONNX: (code, options)
BINARY: Final = {
    "Add": ("ADD", "AddOptions"),
    "Sub": ("SUB", "SubOptions"),
    "Mul": ("MUL", "MulOptions"),
    "Div": ("DIV", "DivOptions"),
    "Max": ("MAXIMUM", "MaximumMinimumOptions"),
    "Min": ("MINIMUM", "MaximumMinimumOptions"),
    "Less": ("LESS", "LessOptions"),
    "And": ("LOGICAL_AND", "LogicalAndOptions"),
}
UNARY: Final = {
    "Abs": ("ABS", "AbsOptions"),
    "Exp": ("EXP", "ExpOptions"),
    "HardSwish": ("HARD_SWISH", "HardSwishOptions"),
    "Neg": ("NEG", "NegOptions"),
    "Round": ("ROUND", None),
    "Sigmoid": ("LOGISTIC", None),
    "Sqrt": ("SQRT", None),
    "Tanh": ("TANH", None),
}
IN_INTEGERS: Final = ("Add", "Sub", "Mul")
BOOLEAN: Final = ("Less", "And")
LEVELS: Final = Scales(scale=(1.0,), zero=(0,))  # levels of 0 to 255 as they are


def binary(draft: Draft, node: onnx.NodeProto) -> None:
    """Two operands; ranks that differ are refused, as the layouts do."""
    code, options = BINARY[node.op_type]
    if len(node.input) != 2:
        raise refuse(node, "only two operands are")
    ranks = {len(draft.shape(n)) for n in node.input if draft.constant(n) is None}
    if not ranks or (len(ranks) > 1 and RANK in ranks):
        raise refuse(node, "its operands have different numbers of dimensions")
    operands = [draft.integers(name) for name in node.input]
    scales = draft.rounded(node.output[0])
    if node.op_type in IN_INTEGERS and scales is not None and None not in operands:
        output = draft.write_integers(node.output[0], scales)
        numbers = [n for n in operands if n is not None]
    else:
        output = draft.new(node.output[0], "bool" if node.op_type in BOOLEAN else "float32")
        draft.put(node.output[0], output)
        numbers = [draft.joined(name, max(ranks)) for name in node.input]
    draft.file.operator(code, numbers, output, options)


def unary(draft: Draft, node: onnx.NodeProto) -> None:
    """One operand, in float."""
    code, options = UNARY[node.op_type]
    output = draft.new(node.output[0])
    draft.file.operator(code, [draft.number(node.input[0])], output, options)
    draft.put(node.output[0], output)


def clip(draft: Draft, node: onnx.NodeProto) -> None:
    """Relu and Clip that no layer has taken over."""
    limits = clip_limits(draft, node)
    assert limits is not None
    number = draft.number(node.input[0])
    if limits in ACTIVATIONS:
        output = draft.new(node.output[0])
        draft.file.operator(ACTIVATIONS[limits], [number], output)
        draft.put(node.output[0], output)
        return
    for code, limit in (("MAXIMUM", limits[0]), ("MINIMUM", limits[1])):
        if np.isfinite(limit):
            value = np.array(limit, dtype=np.float32)
            other = draft.file.tensor(f"{node.name}_limit", (), "float32", data=value)
            output = draft.new(node.output[0])
            draft.file.operator(code, [number, other], output, "MaximumMinimumOptions")
            number = output
    draft.put(node.output[0], number)


def softmax(draft: Draft, node: onnx.NodeProto) -> None:
    """Over the last axis in LiteRT's layout."""
    rank = len(draft.shape(node.input[0]))
    axis = attribute(node, "axis", -1) % rank
    if axis != (1 if rank == RANK else rank - 1):
        raise refuse(node, "only over channels it is")
    output = draft.new(node.output[0])
    inputs = [draft.number(node.input[0])]
    draft.file.operator("SOFTMAX", inputs, output, "SoftmaxOptions", beta=1.0)
    draft.put(node.output[0], output)


def cast(draft: Draft, node: onnx.NodeProto) -> None:
    """The graph's two ends: levels to float, and float to levels; and truth to float."""
    source, target = node.input[0], attribute(node, "to")
    if source in {i.name for i in draft.view.graph.input}:
        output = draft.new(node.output[0])
        draft.file.operator("DEQUANTIZE", [draft.number(source)], output)
    elif target == TensorProto.UINT8:
        output = draft.new(node.output[0], "uint8", LEVELS)
        draft.file.operator("QUANTIZE", [draft.number(_unrounded(draft, node))], output)
    elif target == TensorProto.FLOAT:
        output = draft.new(node.output[0])
        draft.file.operator("CAST", [draft.number(source)], output, "CastOptions")
    else:
        raise refuse(node, "only to uint8 and float32 it is")
    draft.put(node.output[0], output)


def _unrounded(draft: Draft, node: onnx.NodeProto) -> str:
    """What is rounded to levels: QUANTIZE rounds half to even and limits to 0 to 255 itself.

    The nodes that do so before it were written already; nothing reads them, and the engine
    leaves them out.
    """
    name = str(node.input[0])
    maker = draft.view.maker.get(name)
    if maker is not None and maker.op_type == "Clip" and clip_limits(draft, maker) == (0.0, 255.0):
        name = str(maker.input[0])
        maker = draft.view.maker.get(name)
    if maker is not None and maker.op_type == "Round":
        return str(maker.input[0])
    if maker is not None and maker.op_type == "Cast":  # truth, 0 or 1
        return str(node.input[0])
    raise refuse(node, "only what was rounded to 0 to 255 before is made uint8")
