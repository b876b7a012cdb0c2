"""Weights that are rounded together, against each rounded to its nearest level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from sonoedge.errors import InvalidData
from sonoedge_export.quantize.layers import prepared
from sonoedge_export.quantize.ort import quantize_ort
from sonoedge_export.quantize.rounding import (
    HALF_LEVELS,
    LEVELS,
    NNCF_HALF_LEVELS,
    rounded_weights,
    with_weights,
)
from sonoedge_export.recipe.calibration import Calibration

SIDE, WIDTH = 24, 12
Weights = dict[str, npt.NDArray[np.float32]]


def network() -> bytes:
    """A convolution with a stride, a depth-wise one, one of 1 x 1, and one of the mean."""
    rng = np.random.default_rng(0)

    def weights(*shape: int) -> npt.NDArray[np.float32]:
        return (rng.standard_t(3, shape) / np.prod(shape[1:]) ** 0.5).astype(np.float32)

    constants = {
        "scale": np.float32(1 / 255),
        "strided_w": weights(WIDTH, 1, 3, 3),
        "deep_w": weights(WIDTH, 1, 3, 3),
        "mix_w": weights(8, WIDTH, 1, 1),
        "axes": np.array([2, 3]),
        "pooled_w": weights(2, 8, 1, 1),
    }
    make = helper.make_node
    padded = {"pads": [1, 1, 1, 1]}
    nodes = [
        make("Cast", ["frame"], ["cast"], name="cast", to=TensorProto.FLOAT),
        make("Mul", ["cast", "scale"], ["scaled"], name="scaled"),
        make("Conv", ["scaled", "strided_w"], ["a"], name="strided", strides=[2, 2], **padded),
        make("Relu", ["a"], ["b"], name="relu"),
        make("Conv", ["b", "deep_w"], ["c"], name="deep", group=WIDTH, **padded),
        make("Relu", ["c"], ["d"], name="relu2"),
        make("Conv", ["d", "mix_w"], ["e"], name="mix"),
        make("ReduceMean", ["e", "axes"], ["mean"], name="mean"),
        make("Conv", ["mean", "pooled_w"], ["y"], name="pooled"),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("frame", TensorProto.UINT8, [1, 1, SIDE, SIDE])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2, 1, 1])],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return prepared(model.SerializeToString())


def smooth_frames(count: int) -> list[npt.NDArray[np.uint8]]:
    """Frames whose neighbouring pixels go together, as a scanner's do."""
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 256, (count, 1, 1, SIDE // 4, SIDE // 4), dtype=np.uint8)
    return list(coarse.repeat(4, axis=3).repeat(4, axis=4))


def constants_of(graph: bytes) -> Weights:
    model = onnx.load_from_string(graph)
    values = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    return {
        n.name: values[n.input[1]]
        for n in model.graph.node
        if n.input[1:2] and n.input[1] in values
    }


def nearest(weights: npt.NDArray[np.float32], levels: int) -> npt.NDArray[np.float32]:
    scale = np.abs(weights).max(axis=(1, 2, 3), keepdims=True) / levels
    return (np.rint(weights / scale) * scale).astype(np.float32)


def outputs(
    graph: bytes, tensor: str, frames: Sequence[npt.NDArray[np.uint8]]
) -> npt.NDArray[np.float32]:
    model = onnx.load_from_string(graph)
    model.graph.output.append(onnx.ValueInfoProto(name=tensor))
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.stack([session.run([tensor], {"frame": frame})[0] for frame in frames])


@pytest.mark.parametrize("levels", [LEVELS, HALF_LEVELS])
def test_the_weights_lie_on_their_levels_with_the_scale_that_they_had(levels: int) -> None:
    graph = network()
    made, before = rounded_weights(graph, smooth_frames(8), levels=levels), constants_of(graph)
    assert set(made) == {"strided", "deep", "mix"}
    for name, value in made.items():
        largest = np.abs(before[name]).max(axis=(1, 2, 3), keepdims=True)
        np.testing.assert_allclose(
            np.abs(value).max(axis=(1, 2, 3), keepdims=True), largest, rtol=1e-6
        )
        on_level = value / largest * levels
        assert np.abs(on_level - np.rint(on_level)).max() < 1e-3
        assert not np.array_equal(value, nearest(before[name], levels))


@pytest.mark.parametrize(("layer", "tensor"), [("strided", "a"), ("deep", "c"), ("mix", "e")])
def test_a_layer_s_output_is_nearer_than_with_each_weight_at_its_nearest_level(
    layer: str, tensor: str
) -> None:
    graph, seen = network(), smooth_frames(64)
    seen, others = seen[:48], seen[48:]
    exact = outputs(graph, tensor, others)
    errors = []
    choices = (
        rounded_weights(graph, seen, levels=HALF_LEVELS)[layer],
        nearest(constants_of(graph)[layer], HALF_LEVELS),
    )
    for weights in choices:
        changed = with_weights(graph, {layer: weights}, keep_float=())
        errors.append(float(((outputs(changed, tensor, others) - exact) ** 2).mean()))
    assert errors[0] < 0.8 * errors[1]


def test_the_quantizer_finds_the_same_integers() -> None:
    graph, frames = network(), smooth_frames(32)
    made = rounded_weights(graph, frames, levels=LEVELS)
    ready = with_weights(graph, made, keep_float=())
    quantized = quantize_ort(ready, frames, Calibration(frames=("none",)))
    model = onnx.load_from_string(quantized.model)
    integers = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    largest = np.abs(made["mix"]).max(axis=(1, 2, 3), keepdims=True)
    expected = np.rint(made["mix"] / largest * LEVELS)
    np.testing.assert_array_equal(integers["mix_w_quantized"], expected)


@pytest.mark.parametrize("reduce_range", [False, True])
def test_nncf_finds_the_same_integers(reduce_range: bool) -> None:
    for package in ("openvino", "nncf"):
        pytest.importorskip(package, reason=f"needs {package}")
    import openvino as ov

    from sonoedge_export.quantize.ov import quantize_ov

    graph, frames = network(), smooth_frames(32)
    levels = NNCF_HALF_LEVELS if reduce_range else LEVELS
    made = rounded_weights(graph, frames, levels=levels)
    quantized = quantize_ov(
        with_weights(graph, made, keep_float=()), frames, reduce_range=reduce_range
    )
    assert quantized.weights is not None
    model = ov.Core().read_model(quantized.model, quantized.weights)
    constants = [n for n in model.get_ops() if n.get_type_name() == "Constant"]
    integers = [
        np.asarray(n.data)
        for n in constants
        if n.get_element_type() == ov.Type.i8 and list(n.shape) == [8, WIDTH, 1, 1]
    ]
    largest = np.abs(made["mix"]).max(axis=(1, 2, 3), keepdims=True)
    assert len(integers) == 1
    difference = np.abs(integers[0] - np.rint(made["mix"] / largest * levels))
    is_largest = np.abs(made["mix"]) == largest
    assert not difference[~is_largest].any()
    # Of a halved range the largest weight is a tie.
    assert difference.max() <= (1 if reduce_range else 0)


def test_layers_that_stay_in_float_keep_their_weights() -> None:
    graph = network()
    made = rounded_weights(graph, smooth_frames(32), levels=LEVELS)
    after = constants_of(with_weights(graph, made, keep_float=("deep",)))
    before = constants_of(graph)
    np.testing.assert_array_equal(after["deep"], before["deep"])
    np.testing.assert_array_equal(after["mix"], made["mix"])


def test_a_layer_of_which_too_little_was_seen_is_left_as_it_is() -> None:
    graph = network()
    assert "pooled" not in rounded_weights(graph, smooth_frames(15), levels=LEVELS)
    assert "pooled" in rounded_weights(graph, smooth_frames(16), levels=LEVELS)


def test_values_that_are_no_numbers_are_refused() -> None:
    model = onnx.load_from_string(network())
    scale = next(i for i in model.graph.initializer if i.name == "scale")
    scale.CopyFrom(numpy_helper.from_array(np.float32(np.nan), "scale"))
    with pytest.raises(InvalidData, match="scaled a value that is no number"):
        rounded_weights(model.SerializeToString(), smooth_frames(2), levels=LEVELS)
