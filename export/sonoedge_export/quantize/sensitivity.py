"""How much noise 8 bits bring into each layer, ranked.

Each layer is computed twice from the same float input: as it is, and with its input and
its weights rounded as an engine rounds them (one scale per input tensor over the range
that the calibration frames gave, one per output channel of the weights). Every layer is
judged by itself: noise that comes from the layers before it does not count against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from sonoedge.device.cpu import usable_threads
from sonoedge_export.onnx_graph import WEIGHTED, to_bytes
from sonoedge_export.quantize.tensorrt.int8 import channel_axis, quantized_weights

MOST_FRAMES: Final = 16  # more change the ranking little, and cost as much again
BEST_DB: Final = 200.0  # no noise at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """One layer's noise.

    Attributes:
        layer: its name in the graph.
        kind: its operator.
        sqnr_db: signal to quantization noise at its output, in decibels.
        share: the layer's weights, as a share of all layers'.
    """

    layer: str
    kind: str
    sqnr_db: float
    share: float


def ranking(graph: bytes, tensors: Sequence[npt.NDArray[np.uint8]]) -> list[Sensitivity]:
    """Every layer with constant weights, the noisiest first.

    Args:
        graph: as `prepared` gives it.
        tensors: calibration frames as the engine gets them, uint8 [1, 1, H, W].
    """
    model = onnx.load_from_string(graph)
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    layers = [
        n
        for n in model.graph.node
        if n.op_type in WEIGHTED and n.input[1] in constants and n.input[0] not in constants
    ]
    frames = tensors[:: max(1, len(tensors) // MOST_FRAMES)][:MOST_FRAMES]
    ranges = _ranges(graph, [n.input[0] for n in layers], frames)
    for node in layers:
        _add_rounded_copy(model, node, constants[node.input[1]], ranges[node.input[0]])
    signal = {n.name: 0.0 for n in layers}
    noise = {n.name: 0.0 for n in layers}
    names = [o for n in layers for o in (n.output[0], f"{n.name}/rounded")]
    for values in _run(model, names, frames):
        for node in layers:
            exact = values[node.output[0]].astype(np.float64)
            signal[node.name] += float((exact**2).sum())
            noise[node.name] += float(((values[f"{node.name}/rounded"] - exact) ** 2).sum())
    total = sum(constants[n.input[1]].size for n in layers)
    rows = [
        Sensitivity(
            layer=n.name,
            kind=n.op_type,
            sqnr_db=_decibels(signal[n.name], noise[n.name]),
            share=constants[n.input[1]].size / total,
        )
        for n in layers
    ]
    return sorted(rows, key=lambda row: row.sqnr_db)


def _decibels(signal: float, noise: float) -> float:
    if noise <= 0 or signal <= 0:
        return BEST_DB if noise <= 0 else -BEST_DB
    return round(min(BEST_DB, 10 * float(np.log10(signal / noise))), 2)


def _ranges(
    graph: bytes, names: Sequence[str], frames: Sequence[npt.NDArray[np.uint8]]
) -> dict[str, tuple[float, float]]:
    ranges = dict.fromkeys(names, (0.0, 0.0))
    for values in _run(onnx.load_from_string(graph), sorted(ranges), frames):
        for name, value in values.items():
            low, high = ranges[name]
            ranges[name] = min(low, float(value.min())), max(high, float(value.max()))
    return ranges


def _add_rounded_copy(
    model: onnx.ModelProto,
    node: onnx.NodeProto,
    weights: npt.NDArray[np.float32],
    span: tuple[float, float],
) -> None:
    """Add the layer a second time, its input and weights rounded."""
    low, high = span
    scale = max(high - low, 1e-12) / 255
    name = node.name
    axis = channel_axis(node) if node.op_type in ("Conv", "Gemm") else 1
    levels, scales = quantized_weights(weights, axis)
    shape = [1] * weights.ndim
    shape[axis] = -1
    constants = {
        "scale": np.float32(scale),
        "zero": np.uint8(round(-low / scale)),
        "weights": (levels * scales.reshape(shape)).astype(np.float32),
    }
    for key, value in constants.items():
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), f"{name}/{key}"))
    inputs = [node.input[0], f"{name}/scale", f"{name}/zero"]
    model.graph.node.append(helper.make_node("QuantizeLinear", inputs, [f"{name}/levels"]))
    inputs[0] = f"{name}/levels"
    model.graph.node.append(helper.make_node("DequantizeLinear", inputs, [f"{name}/input"]))
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    copy.name = f"{name}/again"
    copy.input[0], copy.input[1] = f"{name}/input", f"{name}/weights"
    copy.output[0] = f"{name}/rounded"
    model.graph.node.append(copy)


def _run(
    model: onnx.ModelProto, names: Sequence[str], frames: Sequence[npt.NDArray[np.uint8]]
) -> Iterator[dict[str, npt.NDArray[np.float32]]]:
    """The tensors named, frame by frame; nothing is optimised away."""
    outputs = {o.name for o in model.graph.output}
    for name in names:
        if name not in outputs:
            model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    options = ort.SessionOptions()
    options.intra_op_num_threads = usable_threads()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = ort.InferenceSession(to_bytes(model), options, providers=["CPUExecutionProvider"])
    inputs = model.graph.input[0].name
    for frame in frames:
        yield dict(zip(names, session.run(list(names), {inputs: frame}), strict=True))
