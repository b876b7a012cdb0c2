"""Both quantizers, on the tiny network."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from once import made_once
from sonoedge.device.cpu import int8_overflows
from sonoedge.errors import InvalidNetwork, InvalidSettings
from sonoedge.runtime import runtime_class
from sonoedge_export.graph.build import build_graph
from sonoedge_export.inputs import read_inputs
from sonoedge_export.progress import Stages
from sonoedge_export.quantize.layers import layers, outer, prepared
from sonoedge_export.quantize.ort import quantize_ort
from sonoedge_export.quantize.quantized import Quantized
from sonoedge_export.recipe.calibration import Calibration
from sonoedge_export.recipe.recipe import read_recipe

SETTINGS = Calibration(frames=("frames.json",))
Tensors = list[npt.NDArray[np.uint8]]


@pytest.fixture
def graph(int8: Path) -> bytes:
    def trace(folder: Path) -> None:
        (folder / "graph.onnx").write_bytes(prepared(build_graph(read_recipe(int8)).onnx))

    return (made_once("prepared", trace) / "graph.onnx").read_bytes()


@pytest.fixture
def tensors(int8: Path) -> Tensors:
    inputs = read_inputs(read_recipe(int8), None, Stages(io.StringIO()), rank_layers=True)
    assert inputs.calibration is not None
    return list(inputs.calibration.tensors)


def by_ort(form: Any) -> Callable[..., Quantized]:
    return lambda graph, tensors, **more: quantize_ort(graph, tensors, SETTINGS, form=form, **more)


def by_ov(graph: bytes, tensors: Tensors, **more: Any) -> Quantized:
    for package in ("openvino", "nncf"):
        pytest.importorskip(package, reason=f"needs {package}")
    from sonoedge_export.quantize.ov import quantize_ov

    return quantize_ov(graph, tensors, **more)


BY = {"qdq": by_ort("qdq"), "qoperator": by_ort("qoperator"), "openvino": by_ov}
EVERY = pytest.mark.parametrize("by", BY.values(), ids=BY)


def answers(made: Quantized, frame: npt.NDArray[np.uint8]) -> Any:
    name = "onnxruntime" if made.weights is None else "openvino"
    more = {} if made.weights is None else {"weights": made.weights}
    engine = runtime_class(name)(made.model, precision="int8", threads=1, **more)
    try:
        return engine.infer({engine.inputs[0].name: frame})
    finally:
        engine.close()


@EVERY
def test_a_quantized_graph_answers_as_the_float_one(
    by: Callable[..., Quantized], graph: bytes, tensors: Tensors
) -> None:
    made = by(graph, tensors, reduce_range=int8_overflows())
    want = answers(Quantized(model=graph, metadata={}), tensors[0])
    got = answers(made, tensors[0])
    for name in ("lesion_map", "malignancy_map"):
        apart = np.abs(got[name].astype(int) - want[name].astype(int))
        assert 0 < apart.max() < 60  # a steep sigmoid; 0 would be a graph that is still float
        assert apart.mean() < 2
    assert np.abs(got["class_probs"] - want["class_probs"]).max() < 0.05


# Entropy keeps the whole range of this network: its values are spread evenly.
@pytest.mark.parametrize(("method", "narrower"), [("percentile", True), ("entropy", False)])
def test_another_calibration_method_gives_no_wider_ranges_and_still_answers(
    method: Any, narrower: bool, graph: bytes, tensors: Tensors
) -> None:
    settings = Calibration(frames=("frames.json",), method=method, percentile=99.0)
    half = int8_overflows()
    made = quantize_ort(graph, tensors, settings, reduce_range=half)
    widest = quantize_ort(graph, tensors, SETTINGS, reduce_range=half)
    narrow, wide = activation_scales(made), activation_scales(widest)
    assert len(narrow) == len(wide) > 0
    assert all(n <= w * 1.001 for n, w in zip(narrow, wide, strict=True))
    assert (narrow != wide) is narrower
    want = answers(Quantized(model=graph, metadata={}), tensors[0])
    got = answers(made, tensors[0])["lesion_map"]
    assert np.abs(got.astype(int) - want["lesion_map"].astype(int)).mean() < 4
    assert made.metadata["method"] == method


def activation_scales(made: Quantized) -> list[float]:
    """The scale of each quantized tensor that is no weight, by its name."""
    graph = onnx.load_from_string(made.model).graph
    constants = {i.name: i for i in graph.initializer}
    pairs = [n for n in graph.node if n.op_type == "QuantizeLinear"]
    named = sorted((n.input[0], n.input[1]) for n in pairs)
    return [float(numpy_helper.to_array(constants[scale])) for _, scale in named]


@EVERY
def test_the_same_graph_and_frames_give_the_same_bytes(
    by: Callable[..., Quantized], graph: bytes, tensors: Tensors
) -> None:
    first, second = by(graph, tensors), by(graph, tensors)
    assert first.model == second.model
    assert first.weights == second.weights


@EVERY
def test_layers_named_stay_in_float(
    by: Callable[..., Quantized], graph: bytes, tensors: Tensors
) -> None:
    names = layers(onnx.load_from_string(graph))
    made = by(graph, tensors, keep_float=names)
    want = answers(Quantized(model=graph, metadata={}), tensors[0])
    got = answers(made, tensors[0])
    for name in ("lesion_map", "malignancy_map"):
        assert np.abs(got[name].astype(int) - want[name].astype(int)).max() <= 1
    assert made.kept_float == names


def int8_weights(made: Quantized) -> list[int]:
    """Every int8 weight of the graph."""
    if made.weights is None:
        graph = onnx.load_from_string(made.model).graph
        kept = [i for i in graph.initializer if i.data_type == TensorProto.INT8 and len(i.dims) > 1]
        return [int(v) for i in kept for v in numpy_helper.to_array(i).ravel()]
    import openvino as ov

    model = ov.Core().read_model(made.model, made.weights)
    kept = [n for n in model.get_ops() if n.get_type_name() == "Constant"]
    kept = [n for n in kept if n.get_element_type() == ov.Type.i8 and len(n.shape) > 1]
    return [int(v) for n in kept for v in np.asarray(n.data).ravel()]


@EVERY
def test_with_reduced_range_no_sum_of_two_products_can_overflow(
    by: Callable[..., Quantized], graph: bytes, tensors: Tensors
) -> None:
    whole, half = int8_weights(by(graph, tensors)), by(graph, tensors, reduce_range=True)
    assert max(map(abs, whole)) >= 127
    assert 32 < max(map(abs, int8_weights(half))) <= 64
    assert half.metadata["reduce_range"]
    assert 255 * 64 * 2 < 2**15 <= 255 * 127 * 2


@EVERY
def test_a_name_that_is_no_layer_is_refused(
    by: Callable[..., Quantized], graph: bytes, tensors: Tensors
) -> None:
    with pytest.raises(InvalidSettings, match="keep_float: head is no layer; the layers are "):
        by(graph, tensors, keep_float=("head",))


def test_the_ends_of_the_graph_stay_in_float(graph: bytes, tensors: Tensors) -> None:
    model = onnx.load_from_string(by_ort("qdq")(graph, tensors).model)
    made_by = {o: n for n in model.graph.node for o in n.output}
    for sigmoid in (n for n in model.graph.node if n.op_type == "Sigmoid"):
        assert made_by[sigmoid.input[0]].op_type == "Conv"
    cast = next(n for n in model.graph.node if n.input[0] == "frame")
    after = [n.op_type for n in model.graph.node if cast.output[0] in n.input]
    assert cast.op_type == "Cast"
    assert "QuantizeLinear" not in after


def test_the_graph_tells_nothing_of_its_maker(graph: bytes, tensors: Tensors) -> None:
    data = by_ort("qdq")(graph, tensors).model
    assert b"onnx.quantize" not in data
    assert b"/tmp" not in data


def one_node(*nodes: onnx.NodeProto, **constants: npt.NDArray[np.float32]) -> bytes:
    """A graph from x to y, float32 [1, 1, 8, 8] at both ends."""
    shape = [1, 1, 8, 8]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    data: bytes = model.SerializeToString()
    return data


def test_batch_normalisation_is_folded_before_anything_is_rounded() -> None:
    one = np.ones(1, np.float32)
    graph = one_node(
        helper.make_node("Conv", ["x", "w"], ["c"]),
        helper.make_node("BatchNormalization", ["c", "scale", "b", "mean", "var"], ["y"]),
        w=one.reshape(1, 1, 1, 1), scale=one, b=one, mean=one, var=one,
    )  # fmt: skip
    kinds = [n.op_type for n in onnx.load_from_string(prepared(graph)).graph.node]
    assert kinds == ["Conv"]


def test_a_graph_without_layers_is_refused() -> None:
    with pytest.raises(InvalidNetwork, match="no convolution or matrix product"):
        prepared(one_node(helper.make_node("Relu", ["x"], ["y"])))


def test_the_outer_layers_are_those_that_no_other_comes_before_or_behind() -> None:
    weights = {"w": np.ones((1, 1, 1, 1), np.float32)}
    chain = [
        helper.make_node("Conv", ["x", "w"], ["a"], name="first"),
        helper.make_node("Relu", ["a"], ["b"], name="relu"),
        helper.make_node("Conv", ["b", "w"], ["c"], name="middle"),
        helper.make_node("Conv", ["c", "w"], ["d"], name="one head"),
        helper.make_node("Conv", ["c", "w"], ["e"], name="other head"),
        helper.make_node("Add", ["d", "e"], ["y"], name="sum"),
    ]
    model = onnx.load_from_string(one_node(*chain, **weights))
    assert outer(model) == ("first", "one head", "other head")
    short = [helper.make_node("Conv", ["x", "w"], ["y"], name="only")]
    assert outer(onnx.load_from_string(one_node(*short, **weights))) == ()
