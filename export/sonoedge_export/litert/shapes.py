"""Operators that move values and compute none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import onnx

from sonoedge.errors import RuntimeUnavailable
from sonoedge_export.lint.view import attribute
from sonoedge_export.litert import layout
from sonoedge_export.litert.draft import Draft
from sonoedge_export.litert.layout import refuse
from sonoedge_export.litert.model_file import Scales
from sonoedge_export.litert.padding import Window, zeros_around

# ONNX's names of ways to pad, and NumPy's.
MODES: Final[Mapping[bytes, Literal["edge", "reflect"]]] = {
    b"edge": "edge",
    b"reflect": "reflect",
}


def concat(draft: Draft, node: onnx.NodeProto) -> None:
    """CONCATENATION, in int8 on the scale of its output."""
    rank = len(draft.shape(node.output[0]))
    axis = layout.axis(attribute(node, "axis"), rank)
    integers, scales = [draft.integers(n) for n in node.input], draft.rounded(node.output[0])
    if scales is not None and None not in integers:
        numbers = [draft.requantized(n, scales, node.name) for n in integers if n is not None]
        output = draft.write_integers(node.output[0], scales)
    else:
        numbers = [draft.number(n) for n in node.input]
        output = draft.new(node.output[0])
        draft.put(node.output[0], output)
    draft.file.operator("CONCATENATION", numbers, output, "ConcatenationOptions", axis=axis)


def reshape(draft: Draft, node: onnx.NodeProto) -> None:
    """Reshape, Flatten, Squeeze, Unsqueeze and Identity: the values' order is ONNX's."""
    output = draft.new(node.output[0])
    draft.put(node.output[0], output)
    number = in_order(draft, draft.number(node.input[0]), draft.shape(node.input[0]), node.name)
    sizes = draft.shape(node.output[0])
    if not layout.same_order(sizes):
        raise refuse(node, "only to pictures of one channel, or of one pixel, it is")
    _reshape(draft, number, output, node.name)


def pad(draft: Draft, node: onnx.NodeProto) -> None:
    """Rows and columns of zeros; or of what is there already, which GATHER picks by number."""
    amounts, mode = draft.constant(node.input[1]), attribute(node, "mode", b"constant")
    rank = len(draft.shape(node.input[0]))
    if amounts is None or rank != layout.RANK or (len(node.input) > 3 and node.input[3]):
        raise refuse(node, "only pads in numbers around a picture are")
    before, behind = amounts[:rank].tolist(), amounts[rank:].tolist()
    value = draft.constant(node.input[2]) if len(node.input) > 2 and node.input[2] else None
    if any(before[:2]) or any(behind[:2]) or min(*before, *behind) < 0:
        raise refuse(node, "only rows and columns are added")
    if mode == b"constant" and (value is None or not value.any()):
        number = draft.number(node.input[0])
        around = Window(
            kernel=(1, 1),
            strides=(1, 1),
            dilations=(1, 1),
            before=(before[2], before[3]),
            behind=(behind[2], behind[3]),
        )
        draft.put(node.output[0], zeros_around(draft, number, around, node.name))
        return
    if mode not in MODES:
        raise refuse(node, "only zeros, the edge, and the picture mirrored are")
    number = draft.number(node.input[0])
    for onnx_axis in (2, 3):
        number = _picked(draft, number, onnx_axis, before[onnx_axis], behind[onnx_axis], node)
    draft.put(node.output[0], number)


def _picked(
    draft: Draft, number: int, onnx_axis: int, before: int, behind: int, node: onnx.NodeProto
) -> int:
    if not before and not behind:
        return number
    axis, sizes = layout.axis(onnx_axis, layout.RANK), list(draft.file.shapes[number])
    mode = MODES[attribute(node, "mode")]
    table = np.pad(np.arange(sizes[axis], dtype=np.int32), (before, behind), mode=mode)
    indices = draft.file.tensor(f"{node.name}_indices{axis}", table.shape, "int32", data=table)
    sizes[axis] = len(table)
    output = draft.file.tensor(f"{node.name}_{axis}", sizes, "float32")
    draft.file.operator("GATHER", [number, indices], output, "GatherOptions", axis=axis)
    return output


def at_end(draft: Draft, name: str, dtype: str, scales: Scales | None) -> int:
    """An output of the graph in ONNX's shape and order."""
    number, sizes = draft.number(name), draft.shape(name)
    if len(sizes) != layout.RANK:
        return number
    output = draft.file.tensor(name, sizes, dtype, scales=scales)
    _reshape(draft, in_order(draft, number, sizes, name, dtype, scales), output, name)
    return output


def at_beginning(draft: Draft, name: str, dtype: str, scales: Scales | None) -> int:
    """An input of the graph in ONNX's shape and order; returns its tensor."""
    sizes = draft.shape(name)
    if not layout.same_order(sizes):
        raise RuntimeUnavailable("LiteRT's input is a grey picture, of one channel")
    entry = draft.file.tensor(name, sizes, dtype, scales=scales)
    inner = draft.file.tensor(f"{name}_picture", layout.shape(sizes), dtype, scales=scales)
    _reshape(draft, entry, inner, name)
    draft.put(name, inner)
    return entry


def in_order(
    draft: Draft,
    number: int,
    sizes: tuple[int, ...],
    name: str,
    dtype: str = "float32",
    scales: Scales | None = None,
) -> int:
    """A tensor with its values in ONNX's order, whatever its shape then is."""
    if layout.same_order(sizes):
        return number
    table = np.array([0, 3, 1, 2], dtype=np.int32)
    order = draft.file.tensor(f"{name}_order", table.shape, "int32", data=table)
    output = draft.file.tensor(f"{name}_in_order", sizes, dtype, scales=scales)
    draft.file.operator("TRANSPOSE", [number, order], output, "TransposeOptions")
    return output


def _reshape(draft: Draft, number: int, output: int, name: str) -> None:
    sizes = draft.file.shapes[output]
    table = np.array(sizes, dtype=np.int32)
    shape = draft.file.tensor(f"{name}_shape", table.shape, "int32", data=table)
    draft.file.operator("RESHAPE", [number, shape], output, "ReshapeOptions", newShape=list(sizes))
