"""TensorRT's graphs: the dialect, its scales, and its numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx import TensorProto, numpy_helper
from torch import Tensor, nn
from torch.nn import functional as F

from sonoedge.errors import InvalidData, InvalidNetwork
from sonoedge_export.graph.to_onnx import to_onnx
from sonoedge_export.lint import lint
from sonoedge_export.quantize.tensorrt.fp16 import trt_fp16
from sonoedge_export.quantize.tensorrt.int8 import channel_axis, quantized_weights, trt_int8
from sonoedge_export.quantize.tensorrt.ranges import activation_scales, best_scale

SIDE = 24


class Mixed(nn.Module):
    """Every kind of layer that the dialect tells apart, uint8 in and uint8 out."""

    def __init__(self, gain: float = 1.0) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.gain = gain
        self.first = nn.Conv2d(1, 16, 3, padding=1)
        self.inner = nn.Conv2d(16, 16, 3, padding=1)
        self.depthwise = nn.Conv2d(16, 16, 3, padding=1, groups=16)
        self.up = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.head = nn.Conv2d(8, 1, 1)
        self.frame = nn.Linear(16, 2)

    def forward(self, frame: Tensor) -> tuple[Tensor, Tensor]:
        x = F.relu(self.first(frame.to(torch.float32) / 127.5 - 1)) * self.gain
        x = F.relu(self.inner(x) + x)
        x = F.relu(self.depthwise(x)) / self.gain
        probs = torch.softmax(self.frame(x.mean((2, 3))), dim=1)
        x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        answer = torch.sigmoid(self.head(F.relu(self.up(x)))) * 255
        return torch.round(answer).clamp(0, 255).to(torch.uint8), probs


def traced(module: nn.Module) -> bytes:
    example = torch.zeros(1, 1, SIDE, SIDE, dtype=torch.uint8)
    data: bytes = to_onnx(module, (example,), ["frame"], ["map", "probs"]).SerializeToString()
    return data


@pytest.fixture(scope="module")
def graph() -> bytes:
    return traced(Mixed())


@pytest.fixture(scope="module")
def frames() -> list[npt.NDArray[np.uint8]]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (1, 1, SIDE, SIDE), dtype=np.uint8) for _ in range(6)]


def run(
    graph: bytes, frame: npt.NDArray[np.uint8], *, optimise: bool
) -> list[npt.NDArray[np.generic]]:
    options = ort.SessionOptions()
    if not optimise:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    answer: list[npt.NDArray[np.generic]] = session.run(None, {"frame": frame})
    return answer


def apart(
    one: bytes, other: bytes, frame: npt.NDArray[np.uint8], **how: bool
) -> tuple[float, float]:
    """Largest difference of the map in levels, and of a probability."""
    a, b = run(one, frame, optimise=False), run(other, frame, **({"optimise": False} | how))
    first, second = (
        np.abs(x.astype(float) - y.astype(float)).max() for x, y in zip(a, b, strict=True)
    )
    return float(first), float(second)


def test_the_dialect_is_what_tensorrt_takes(
    graph: bytes, frames: list[npt.NDArray[np.uint8]]
) -> None:
    made = trt_int8(graph, frames)
    model = onnx.load_from_string(made.onnx)
    constants = {t.name: t for t in model.graph.initializer}
    maker = {o: n for n in model.graph.node for o in n.output}
    kinds = {n.name: n for n in model.graph.node}
    for node in model.graph.node:
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            assert constants[node.input[1]].data_type == TensorProto.FLOAT
            assert constants[node.input[2]].data_type == TensorProto.INT8
            assert not numpy_helper.to_array(constants[node.input[2]]).any()
    for name in made.int8:
        node = kinds[name]
        assert node.op_type in ("Conv", "Gemm")
        given, weights = (maker[t] for t in node.input[:2])
        assert given.op_type == weights.op_type == "DequantizeLinear"
        assert constants[given.input[1]].dims == []
        assert list(constants[weights.input[1]].dims) == [constants[weights.input[0]].dims[0]]
        assert constants[node.input[2]].data_type == TensorProto.FLOAT
        assert all(
            r.op_type != "QuantizeLinear" or "/quantize" in r.name
            for r in model.graph.node if node.output[0] in r.input
        )  # fmt: skip
    assert len(made.int8) == 4
    float_kinds = sorted(kinds[n].op_type for n in made.kept_float)
    assert float_kinds == ["Conv", "ConvTranspose"]
    assert lint(made.onnx).findings == ()


def test_a_skip_connection_reads_the_int8_tensor(
    graph: bytes, frames: list[npt.NDArray[np.uint8]]
) -> None:
    model = onnx.load_from_string(trt_int8(graph, frames).onnx)
    made_by = {o: n.op_type for n in model.graph.node for o in n.output}
    adds = [[made_by.get(i) for i in n.input] for n in model.graph.node if n.op_type == "Add"]
    assert ["Conv", "DequantizeLinear"] in adds


def test_its_numbers_are_near_and_the_same_with_and_without_optimisation(
    graph: bytes, frames: list[npt.NDArray[np.uint8]]
) -> None:
    int8 = trt_int8(graph, frames).onnx
    levels, probability = apart(graph, int8, frames[0])
    assert 0 < levels <= 4
    assert 0 < probability < 0.01
    levels, probability = apart(int8, int8, frames[0], optimise=True)
    assert levels <= 2
    assert probability < 2e-3


def test_layers_named_stay_in_float(graph: bytes, frames: list[npt.NDArray[np.uint8]]) -> None:
    made = trt_int8(graph, frames)
    first, *rest = made.int8
    again = trt_int8(graph, frames, keep_float=[first])
    assert again.int8 == tuple(rest)
    assert first in again.kept_float
    with pytest.raises(InvalidNetwork, match="names no layer of the graph: nothing"):
        trt_int8(graph, frames, keep_float=["nothing"])
    with pytest.raises(InvalidNetwork, match="can be quantized"):
        trt_int8(graph, frames, keep_float=made.int8)


def test_the_same_input_gives_the_same_bytes(
    graph: bytes, frames: list[npt.NDArray[np.uint8]]
) -> None:
    assert trt_int8(graph, frames).onnx == trt_int8(graph, frames).onnx
    assert trt_fp16(graph, frames).onnx == trt_fp16(graph, frames).onnx


def test_calibration_without_frames_is_refused(graph: bytes) -> None:
    with pytest.raises(InvalidData, match="no calibration frames"):
        trt_int8(graph, [])


@pytest.mark.parametrize(("axis", "shape"), [(0, (3, 4, 2, 2)), (1, (5, 3))])
def test_weights_have_a_scale_per_output_channel(axis: int, shape: tuple[int, ...]) -> None:
    weights = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    weights[(0,) * len(shape)] = -9.0  # the most negative value must not become -128
    np.moveaxis(weights, axis, 0)[2] = 0
    levels, scale = quantized_weights(weights, axis)
    assert scale.shape == (3,)
    assert levels.min() == -127
    assert scale[2] == 1
    back = levels * np.expand_dims(scale, [a for a in range(len(shape)) if a != axis])
    assert np.abs(back - weights).max() <= scale.max() / 2 + 1e-6


def test_output_channels_are_where_the_operator_has_them() -> None:
    make = onnx.helper.make_node
    assert channel_axis(make("Conv", ["x", "w"], ["y"])) == 0
    assert channel_axis(make("Gemm", ["x", "w"], ["y"], transB=1)) == 0
    assert channel_axis(make("Gemm", ["x", "w"], ["y"])) == 1


def test_the_scale_of_least_error_cuts_a_rare_outlier_off() -> None:
    counts = np.zeros(2048, dtype=np.int64)
    counts[:256] = 10_000
    counts[-1] = 1
    assert best_scale(counts, 8.0) < 0.5 * 8.0 / 127
    counts[:] = 1000
    assert best_scale(counts, 8.0) > 0.95 * 8.0 / 127
    assert best_scale(counts, 0.0) == 1.0


def test_a_tensor_that_is_always_zero_gets_scale_1(frames: list[npt.NDArray[np.uint8]]) -> None:
    network = Mixed()
    with torch.no_grad():
        network.first.weight.zero_()
        network.first.bias.fill_(-1.0)  # type: ignore[union-attr]
    graph = traced(network)
    model = onnx.load_from_string(graph)
    second = [n for n in model.graph.node if n.op_type == "Conv"][1]
    assert activation_scales(graph, [second.input[0]], frames) == {second.input[0]: 1.0}
    assert lint(trt_int8(graph, frames).onnx).findings == ()


def test_half_precision_keeps_its_ends_in_float(
    graph: bytes, frames: list[npt.NDArray[np.uint8]]
) -> None:
    made = trt_fp16(graph, frames)
    model = onnx.shape_inference.infer_shapes(onnx.load_from_string(made.onnx), strict_mode=True)
    values = (*model.graph.value_info, *model.graph.output)
    kinds = {v.name: v.type.tensor_type.elem_type for v in values}
    for node in model.graph.node:
        if node.op_type in ("Conv", "ConvTranspose", "Gemm", "Resize", "Relu"):
            assert kinds[node.output[0]] == TensorProto.FLOAT16, node.name
        if node.op_type in ("Sigmoid", "Softmax", "Round"):
            assert kinds[node.output[0]] == TensorProto.FLOAT, node.name
    assert [o.type.tensor_type.elem_type for o in model.graph.output] == [
        TensorProto.UINT8, TensorProto.FLOAT
    ]  # fmt: skip
    assert len(made.half) == 6
    assert made.kept_float == ()
    assert lint(made.onnx).findings == ()
    for optimise in (False, True):
        levels, probability = apart(graph, made.onnx, frames[0], optimise=optimise)
        assert levels <= 1
        assert probability < 1e-3


def test_what_comes_near_the_largest_half_stays_in_float(
    frames: list[npt.NDArray[np.uint8]],
) -> None:
    graph = traced(Mixed(gain=3e5))
    made = trt_fp16(graph, frames)
    assert made.kept_float
    assert made.half
    levels, probability = apart(graph, made.onnx, frames[0])
    assert levels <= 2
    assert probability < 1e-2


def test_layers_named_stay_in_float_in_half_precision_too(
    graph: bytes, frames: list[npt.NDArray[np.uint8]]
) -> None:
    first, *rest = trt_fp16(graph, frames).half
    made = trt_fp16(graph, frames, keep_float=[first])
    assert made.half == tuple(rest)
    with pytest.raises(InvalidNetwork, match="names no node"):
        trt_fp16(graph, frames, keep_float=["nothing"])
