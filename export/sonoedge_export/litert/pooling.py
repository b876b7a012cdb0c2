"""Poolings and means: the largest in int8, averages in float."""

from __future__ import annotations

from typing import Final

import numpy as np
import onnx

from sonoedge_export.lint.view import attribute
from sonoedge_export.litert import layout
from sonoedge_export.litert.draft import Draft
from sonoedge_export.litert.layout import RANK, refuse
from sonoedge_export.litert.padding import Window, window, zeros_around

REDUCTIONS: Final = {
    "ReduceMean": "MEAN",
    "ReduceMax": "REDUCE_MAX",
    "ReduceMin": "REDUCE_MIN",
    "ReduceSum": "SUM",
}
NOT_NEGATIVE: Final = ("Relu", "Sigmoid", "Softmax", "Abs")
PASSING: Final = ("QuantizeLinear", "DequantizeLinear", "MaxPool", "AveragePool")


def max_pool(draft: Draft, node: onnx.NodeProto) -> None:
    """What is added around the picture never is the largest: zeros around what is not negative."""
    frame = window(node, attribute(node, "kernel_shape"))
    if frame.dilations != (1, 1) or attribute(node, "storage_order", 0):
        raise refuse(node, "only windows without gaps are")
    integers, scales = draft.integers(node.input[0]), draft.rounded(node.output[0])
    same = draft.file.schema.Padding.SAME
    if integers is not None and scales is not None:
        number, own = integers, draft.scales_of(integers)
    else:
        number, own = draft.number(node.input[0]), None
    if frame.padded and frame.is_same(draft.file.shapes[number][1:3]):
        padding = same
    elif frame.padded and not _not_negative(draft, node.input[0]):
        raise refuse(node, "its pads are LiteRT's, or its input is not negative")
    else:
        number = zeros_around(draft, number, frame, node.name, own)
        padding = draft.file.schema.Padding.VALID
    if own is None or scales is None:
        output = draft.new(node.output[0])
        draft.put(node.output[0], output)
    elif own == scales:
        output = draft.write_integers(node.output[0], scales)
    else:
        output = draft.new(node.output[0], "int8", own)
    _pool(draft, "MAX_POOL_2D", number, output, frame, padding)
    if own is not None and scales is not None and own != scales:
        draft.file.operator("QUANTIZE", [output], draft.write_integers(node.output[0], scales))


def average_pool(draft: Draft, node: onnx.NodeProto) -> None:
    """With zeros that count, or as LiteRT does, with none that count."""
    frame = window(node, attribute(node, "kernel_shape"))
    number = draft.number(node.input[0])
    kinds = draft.file.schema.Padding
    if attribute(node, "count_include_pad", 0):
        number, padding = zeros_around(draft, number, frame, node.name), kinds.VALID
    elif not frame.padded:
        padding = kinds.VALID
    elif frame.is_same(draft.file.shapes[number][1:3]):
        padding = kinds.SAME
    else:
        raise refuse(node, "only pads that count, or LiteRT's own, are")
    output = draft.new(node.output[0])
    _pool(draft, "AVERAGE_POOL_2D", number, output, frame, padding)
    draft.put(node.output[0], output)


def reduction(draft: Draft, node: onnx.NodeProto) -> None:
    """Mean, largest, smallest or sum over some axes, in float."""
    rank = len(draft.shape(node.input[0]))
    if node.op_type.startswith("Global"):
        code, axes, keep = "MEAN", [2, 3], True
        if node.op_type == "GlobalMaxPool":
            code = "REDUCE_MAX"
    else:
        code, keep = REDUCTIONS[node.op_type], bool(attribute(node, "keepdims", 1))
        given = attribute(node, "axes", None)
        if len(node.input) > 1 and node.input[1]:
            value = draft.constant(node.input[1])
            given = None if value is None else value.reshape(-1).tolist()
        if given is None:
            raise refuse(node, "only over axes that are given it is")
        axes = [a % rank for a in given]
    if rank == RANK and not keep and 1 not in axes and not {2, 3} <= set(axes):
        raise refuse(node, "the axes that are left would change their order")
    table = np.array(sorted(layout.axis(a, rank) for a in axes), dtype=np.int32)
    numbers = draft.file.tensor(f"{node.name}_axes", table.shape, "int32", data=table)
    output = draft.new(node.output[0])
    inputs = [draft.number(node.input[0]), numbers]
    draft.file.operator(code, inputs, output, "ReducerOptions", keepDims=keep)
    draft.put(node.output[0], output)


def _pool(draft: Draft, code: str, number: int, output: int, frame: Window, padding: int) -> None:
    draft.file.operator(
        code,
        [number],
        output,
        "Pool2DOptions",
        padding=padding,
        strideH=frame.strides[0],
        strideW=frame.strides[1],
        filterHeight=frame.kernel[0],
        filterWidth=frame.kernel[1],
    )


def _not_negative(draft: Draft, name: str) -> bool:
    maker = draft.view.maker.get(name)
    while maker is not None and maker.op_type in PASSING:
        maker = draft.view.maker.get(maker.input[0])
    if maker is None:
        return False
    if maker.op_type == "Clip" and maker.input[1]:
        least = draft.constant(maker.input[1])
        return least is not None and float(least.item()) >= 0
    return maker.op_type in NOT_NEGATIVE
