"""A half-precision graph for TensorRT, with its two ends in float32.

In a strongly typed network precision is in the graph, so that the same file gives the
same arithmetic under every version. What scales the uint8 frame and what turns logits into
rounded levels stays in float32, as do nodes named, nodes whose values come near the largest
half (65504), and operators that are not known to take halves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

from sonoedge.errors import InvalidNetwork
from sonoedge_export.onnx_graph import WEIGHTED, constants_to_initializers, name_nodes, to_bytes
from sonoedge_export.quantize.ends import ends
from sonoedge_export.quantize.tensorrt.ranges import largest_values

# Operators whose float inputs all share one type with their outputs.
UNIFORM: Final = frozenset(WEIGHTED) | {
    *("Add", "Sub", "Mul", "Div", "Relu", "LeakyRelu", "PRelu", "Elu", "Sigmoid", "Tanh", "Clip"),
    *("HardSigmoid", "HardSwish", "Softmax", "MaxPool", "AveragePool", "GlobalAveragePool"),
    *("BatchNormalization", "InstanceNormalization", "Concat", "Pad", "Reshape", "Transpose"),
    *("Flatten", "Squeeze", "Unsqueeze", "Slice", "Split", "Gather", "Identity", "ReduceMean"),
    *("ReduceMax", "ReduceSum", "Expand", "Neg", "Abs", "Sqrt", "Erf", "Exp", "Pow", "Max", "Min"),
}
# Operators of which only the first input has the outputs' type.
FIRST: Final = frozenset({"Resize"})
HIGHEST: Final = 16384.0  # a quarter of the largest half: frames to come may reach further


@dataclass(frozen=True, slots=True, kw_only=True)
class TrtFp16:
    """A half-precision graph.

    Attributes:
        onnx: the graph's bytes.
        half: names of the convolutions and matrix products in half precision.
        kept_float: names of the others.
    """

    onnx: bytes
    half: tuple[str, ...]
    kept_float: tuple[str, ...]


def trt_fp16(
    graph: bytes, frames: Sequence[npt.NDArray[np.uint8]], *, keep_float: Collection[str] = ()
) -> TrtFp16:
    """Convert a deployed float32 graph.

    Args:
        graph: ONNX, uint8 frame in.
        frames: calibration frames as the graph takes them, uint8 [1, 1, H, W]; they say
            which values come near the largest half.
        keep_float: names of nodes that stay in float32.

    Raises:
        InvalidNetwork: keep_float names no node of the graph.
    """
    model = onnx.load_from_string(graph)
    constants_to_initializers(model)
    name_nodes(model)
    nodes = list(model.graph.node)
    unknown = sorted(set(keep_float) - {n.name for n in nodes})
    if unknown:
        raise InvalidNetwork(f"keep_float names no node of the graph: {', '.join(unknown)}")
    floats = _float_tensors(model)
    ranges = largest_values(to_bytes(model), [o for n in nodes for o in n.output], frames)
    ranges |= {
        t.name: float(np.abs(numpy_helper.to_array(t)).max(initial=0.0))
        for t in model.graph.initializer
        if t.name in floats
    }
    islands = {*ends(model.graph), *keep_float}
    islands |= {
        n.name
        for n in nodes
        if n.op_type not in UNIFORM | FIRST
        or any(ranges.get(t, 0.0) > HIGHEST for t in (*n.input, *n.output))
    }
    _convert(model, {n.name for n in nodes} - islands, floats)
    onnx.checker.check_model(model)
    weighted = [n.name for n in nodes if n.op_type in WEIGHTED]
    return TrtFp16(
        onnx=to_bytes(model),
        half=tuple(n for n in weighted if n not in islands),
        kept_float=tuple(n for n in weighted if n in islands),
    )


def _float_tensors(model: onnx.ModelProto) -> set[str]:
    graph = shape_inference.infer_shapes(model, strict_mode=True).graph
    values = (*graph.value_info, *graph.input, *graph.output)
    float_values = {v.name for v in values if v.type.tensor_type.elem_type == TensorProto.FLOAT}
    return float_values | {t.name for t in graph.initializer if t.data_type == TensorProto.FLOAT}


def _convert(model: onnx.ModelProto, half: Collection[str], floats: Collection[str]) -> None:
    """Give the nodes named half inputs and outputs; casts stand where the types meet."""
    graph = model.graph
    constants = {t.name: t for t in graph.initializer}
    halves = {o for n in graph.node if n.name in half for o in n.output if o in floats}
    outputs = {o.name for o in graph.output}
    created: set[str] = set()
    nodes: list[onnx.NodeProto] = []

    def read(tensor: str, *, as_half: bool) -> str:
        """The tensor's name in the type wanted; its cast, or half constant, is made once."""
        if tensor not in floats or (tensor in halves) == as_half:
            return tensor
        name = f"{tensor}/{'half' if as_half else 'float'}"
        if name not in created:
            created.add(name)
            if tensor in constants:
                value = numpy_helper.to_array(constants[tensor]).astype(np.float16)
                graph.initializer.append(numpy_helper.from_array(value, name))
            else:
                to = TensorProto.FLOAT16 if as_half else TensorProto.FLOAT
                nodes.append(helper.make_node("Cast", [tensor], [name], name=f"{name}/cast", to=to))
        return name

    for node in graph.node:
        is_half = node.name in half
        count = 1 if is_half and node.op_type in FIRST else len(node.input)
        node.input[:count] = [read(i, as_half=is_half) for i in node.input[:count]]
        nodes.append(node)
    for name in sorted(outputs & halves):
        raise InvalidNetwork(f"output {name} would be half: the graph's tail must be float32")
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
    used = {name for node in graph.node for name in node.input}
    for tensor in [t for t in graph.initializer if t.name not in used]:
        graph.initializer.remove(tensor)
