"""The int8 dialect that TensorRT takes as it is meant.

Symmetric int8 with zero point 0: one scale per activation tensor, one per output channel of
the weights, all in float32; the bias stays float. Quantize/dequantize pairs stand on the
inputs of convolutions and matrix products alone, never on their outputs, so that the
activation behind can be fused. Grouped (depthwise) and transposed convolutions stay in
float: in int8 they are larger and no faster. uint8 would be read as int8 with the same scale,
which cuts half of the range off; zero points and a quantized bias are refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from sonoedge.errors import InvalidNetwork
from sonoedge_export.onnx_graph import WEIGHTED, constants_to_initializers, name_nodes, to_bytes
from sonoedge_export.quantize.tensorrt.bias import ChannelMeans, bias_shift, channel_means
from sonoedge_export.quantize.tensorrt.ranges import activation_scales

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrtInt8:
    """An int8 graph in TensorRT's dialect.

    Attributes:
        onnx: the graph's bytes.
        int8: names of the nodes that compute in int8.
        kept_float: names of the other convolutions and matrix products.
    """

    onnx: bytes
    int8: tuple[str, ...]
    kept_float: tuple[str, ...]


def trt_int8(
    graph: bytes, frames: Sequence[npt.NDArray[np.uint8]], *, keep_float: Collection[str] = ()
) -> TrtInt8:
    """Quantize a deployed float32 graph.

    Args:
        graph: ONNX, uint8 frame in.
        frames: calibration frames as the graph takes them, uint8 [1, 1, H, W].
        keep_float: names of nodes that stay in float.

    Raises:
        InvalidNetwork: there is nothing to quantize, or keep_float names no such node.
    """
    model = onnx.load_from_string(graph)
    constants_to_initializers(model)
    name_nodes(model)
    weighted = [n for n in model.graph.node if n.op_type in WEIGHTED]
    unknown = sorted(set(keep_float) - {n.name for n in weighted})
    if unknown:
        raise InvalidNetwork(f"keep_float names no layer of the graph: {', '.join(unknown)}")
    weights = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    chosen = [n for n in weighted if n.name not in keep_float and _fits(n, weights)]
    if not chosen:
        raise InvalidNetwork("no convolution or Gemm of this graph can be quantized")
    float_graph = to_bytes(model)
    scales = activation_scales(float_graph, [n.input[0] for n in chosen], frames)
    means = channel_means(float_graph, scales, frames)
    _insert(model, chosen, scales, weights, means)
    onnx.checker.check_model(model)
    names = tuple(n.name for n in chosen)
    return TrtInt8(
        onnx=to_bytes(model),
        int8=names,
        kept_float=tuple(n.name for n in weighted if n.name not in names),
    )


def channel_axis(node: onnx.NodeProto) -> int:
    """The axis of the weights along which the output channels lie."""
    return 0 if node.op_type == "Conv" or _attribute(node, "transB", 0) else 1


def quantized_weights(weights: Array, axis: int) -> tuple[npt.NDArray[np.int8], Array]:
    """Weights as int8 in [-127, 127], and one scale per output channel."""
    others = tuple(a for a in range(weights.ndim) if a != axis)
    largest = np.abs(weights.astype(np.float64)).max(axis=others)
    scale = np.where(largest > 0, largest / 127, 1.0).astype(np.float32)
    shape = [1] * weights.ndim
    shape[axis] = -1
    levels = np.rint(weights / scale.reshape(shape)).clip(-127, 127)
    return levels.astype(np.int8), scale


def _fits(node: onnx.NodeProto, weights: Mapping[str, npt.NDArray[np.generic]]) -> bool:
    if node.op_type not in ("Conv", "Gemm") or _attribute(node, "group", 1) > 1:
        return False
    constant = weights.get(node.input[1])
    return constant is not None and constant.dtype == np.float32 and node.input[0] not in weights


def _attribute(node: onnx.NodeProto, name: str, otherwise: int) -> int:
    values = [a.i for a in node.attribute if a.name == name]
    return int(values[0]) if values else otherwise


def _insert(
    model: onnx.ModelProto,
    chosen: Sequence[onnx.NodeProto],
    scales: Mapping[str, float],
    weights: Mapping[str, Array],
    means: Mapping[str, ChannelMeans],
) -> None:
    """Put the pairs in, each before the first node that reads it, and correct the biases."""
    graph = model.graph
    dequantized: dict[str, str] = {}
    inserted: dict[str, list[onnx.NodeProto]] = {}
    for node in chosen:
        source, weight, axis = node.input[0], node.input[1], channel_axis(node)
        nodes = inserted.setdefault(node.name, [])
        if source not in dequantized:
            dequantized[source] = f"{source}/dequantized"
            nodes += _pair(graph, source, scales[source])
        key = f"{weight}/{axis}"
        if key not in dequantized:
            dequantized[key] = f"{key}/dequantized"
            nodes.append(_weights(graph, weight, axis, weights[weight]))
        _correct(graph, node, weights, means[source])
        node.input[0], node.input[1] = dequantized[source], dequantized[key]
    _share_with_skips(graph, dequantized)
    old = list(graph.node)
    del graph.node[:]
    for node in old:
        graph.node.extend([*inserted.get(node.name, ()), node])
    used = {name for node in graph.node for name in node.input}
    for tensor in [t for t in graph.initializer if t.name not in used]:
        graph.initializer.remove(tensor)


def _share_with_skips(graph: onnx.GraphProto, dequantized: Mapping[str, str]) -> None:
    """Additions read a skip connection as the convolution beside them does, in int8.

    Of two such inputs one stays as it is, so that the convolution before it can be fused
    with the addition.
    """
    for node in graph.node:
        if node.op_type == "Add":
            shared = [k for k, tensor in enumerate(node.input) if tensor in dequantized]
            if shared:
                node.input[shared[0]] = dequantized[node.input[shared[0]]]


def _pair(graph: onnx.GraphProto, tensor: str, scale: float) -> list[onnx.NodeProto]:
    factors = [f"{tensor}/scale", f"{tensor}/zero"]
    graph.initializer.append(numpy_helper.from_array(np.float32(scale), factors[0]))
    graph.initializer.append(numpy_helper.from_array(np.int8(0), factors[1]))
    names = [f"{tensor}/quantize", f"{tensor}/dequantize"]
    tensors = [tensor, f"{tensor}/int8", f"{tensor}/dequantized"]
    return [
        helper.make_node("QuantizeLinear", [tensors[0], *factors], tensors[1:2], name=names[0]),
        helper.make_node("DequantizeLinear", [tensors[1], *factors], tensors[2:3], name=names[1]),
    ]


def _correct(
    graph: onnx.GraphProto,
    node: onnx.NodeProto,
    weights: Mapping[str, Array],
    means: ChannelMeans,
) -> None:
    """Give the node a bias of its own that takes back what rounding adds to its mean."""
    axis, exact = channel_axis(node), weights[node.input[1]]
    bias = weights.get(node.input[2]) if len(node.input) > 2 else np.float32(0)
    factors = [a.f for a in node.attribute if a.name in ("alpha", "beta")]
    if bias is None or any(f != 1 for f in factors):
        return  # computed at run time, or scaled: nothing that a constant could take back
    shift = bias_shift(exact, *quantized_weights(exact, axis), axis, means)
    name = f"{node.name}/bias"
    graph.initializer.append(numpy_helper.from_array(bias - shift, name))
    node.input[:] = [*node.input[:2], name]


def _weights(graph: onnx.GraphProto, name: str, axis: int, weights: Array) -> onnx.NodeProto:
    levels, scale = quantized_weights(weights, axis)
    key = f"{name}/{axis}"
    zero = np.zeros(len(scale), dtype=np.int8)
    tensors: dict[str, npt.NDArray[np.generic]] = {
        f"{key}/int8": levels,
        f"{key}/scale": scale,
        f"{key}/zero": zero,
    }
    graph.initializer.extend(numpy_helper.from_array(a, n) for n, a in tensors.items())
    return helper.make_node(
        "DequantizeLinear",
        list(tensors),
        [f"{key}/dequantized"],
        name=f"{key}/dequantize",
        axis=axis,
    )
