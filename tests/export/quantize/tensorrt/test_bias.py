"""Rounding moves no layer's mean: the bias takes it back."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from sonoedge_export.quantize.tensorrt.bias import ChannelMeans, bias_shift, channel_means
from sonoedge_export.quantize.tensorrt.int8 import quantized_weights, trt_int8

RNG = np.random.default_rng(0)
SIDE = 8


def graph(*, bias: bool, alpha: float = 1.0) -> bytes:
    """uint8 frame, convolution 3 x 3 without a border, ReLU, mean, linear layer."""
    weights = {
        "w": RNG.normal(0.2, 1, (6, 1, 3, 3)).astype(np.float32),
        "b": RNG.normal(0, 1, 6).astype(np.float32),
        "v": RNG.normal(0.2, 1, (3, 6)).astype(np.float32),
        "c": RNG.normal(0, 1, 3).astype(np.float32),
    }
    given = ["x", "w", "b"] if bias else ["x", "w"]
    nodes = [
        helper.make_node("Cast", ["frame"], ["x"], name="cast", to=TensorProto.FLOAT),
        helper.make_node("Conv", given, ["y"], name="conv"),
        helper.make_node("Relu", ["y"], ["r"], name="relu"),
        helper.make_node("GlobalAveragePool", ["r"], ["m"], name="mean"),
        helper.make_node("Flatten", ["m"], ["f"], name="flat"),
        helper.make_node("Gemm", ["f", "v", "c"], ["z"], name="linear", transB=1, alpha=alpha),
    ]
    frame = helper.make_tensor_value_info("frame", TensorProto.UINT8, [1, 1, SIDE, SIDE])
    made = helper.make_graph(
        nodes,
        "g",
        [frame],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(v, k) for k, v in weights.items() if bias or k != "b"],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    data: bytes = model.SerializeToString()
    return data


FRAMES = [RNG.integers(0, 256, (1, 1, SIDE, SIDE), dtype=np.uint8) for _ in range(20)]


def mean_of(data: bytes, tensor: str) -> np.ndarray:
    """A tensor's mean per channel over the frames."""
    model = onnx.load_from_string(data)
    model.graph.output.append(helper.make_tensor_value_info(tensor, TensorProto.FLOAT, None))
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(model.SerializeToString(), options)
    values = [session.run([tensor], {"frame": frame})[0] for frame in FRAMES]
    return np.mean([v.mean(axis=tuple(range(2, v.ndim)))[0] for v in values], axis=0)


def constants(data: bytes) -> dict[str, np.ndarray]:
    model = onnx.load_from_string(data)
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


def test_a_layer_has_the_mean_that_it_had() -> None:
    float_graph = graph(bias=True)
    made = trt_int8(float_graph, FRAMES).onnx
    wanted = mean_of(float_graph, "y")
    off = np.abs(mean_of(made, "y") - wanted)
    model = onnx.load_from_string(made)
    (conv,) = [n for n in model.graph.node if n.op_type == "Conv"]
    assert conv.input[2] == "conv/bias"
    shift = constants(float_graph)["b"] - constants(made)["conv/bias"]
    # Uncorrected it would be off by the shift; pixels near the frame's border count less often.
    assert off.max() < 0.3 * np.abs(shift).max()
    assert np.abs(shift).max() > 0.05


def test_a_layer_without_a_bias_gets_one() -> None:
    made = trt_int8(graph(bias=False), FRAMES).onnx
    model = onnx.load_from_string(made)
    (conv,) = [n for n in model.graph.node if n.op_type == "Conv"]
    assert list(conv.input)[2:] == ["conv/bias"]
    assert constants(made)["conv/bias"].shape == (6,)


def test_a_scaled_product_is_left_as_it_is() -> None:
    made = trt_int8(graph(bias=True, alpha=0.5), FRAMES).onnx
    model = onnx.load_from_string(made)
    (linear,) = [n for n in model.graph.node if n.op_type == "Gemm"]
    assert linear.input[2] == "c"


@pytest.mark.parametrize(("axis", "shape"), [(0, (5, 7)), (1, (7, 5)), (0, (5, 7, 3, 3))])
def test_the_shift_is_that_of_the_mean(axis: int, shape: tuple[int, ...]) -> None:
    weights = RNG.normal(size=shape).astype(np.float32)
    levels, scale = quantized_weights(weights, axis)
    inputs = RNG.random((500, 7)) + 0.5  # a pixel's channels, the same for each tap
    rounded = np.rint(inputs / 0.02).clip(-127, 127) * 0.02
    first = np.moveaxis(weights, axis, 0).reshape(5, 7, -1).sum(axis=2)
    second = np.moveaxis(levels, axis, 0).reshape(5, 7, -1).sum(axis=2) * scale[:, None]
    wanted = (rounded @ second.T).mean(axis=0) - (inputs @ first.T).mean(axis=0)
    means = ChannelMeans(exact=inputs.mean(axis=0), rounded=rounded.mean(axis=0))
    assert bias_shift(weights, levels, scale, axis, means) == pytest.approx(wanted, abs=1e-5)


def test_means_are_those_of_all_frames_and_of_what_int8_holds() -> None:
    float_graph = graph(bias=True)
    means = channel_means(float_graph, {"x": 1.0}, FRAMES)["x"]
    pixels = np.stack(FRAMES).astype(float)
    assert means.exact == pytest.approx([pixels.mean()])
    assert means.rounded == pytest.approx([pixels.clip(max=127).mean()])  # cut off at 127
