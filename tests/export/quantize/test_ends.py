"""Which nodes are a graph's ends, where a layer reads the logits as well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from sonoedge_export.quantize.ends import ends
from sonoedge_export.quantize.layers import last, outer, prepared, rounds
from sonoedge_export.quantize.ort import quantize_ort
from sonoedge_export.recipe.calibration import Calibration

SIDE, WIDTH = 16, 8


def node(
    kind: str, inputs: Sequence[str], output: str, name: str, **more: object
) -> onnx.NodeProto:
    return helper.make_node(kind, inputs, [output], name=name, **more)


def test_the_ends_are_before_the_first_and_behind_the_last_layer() -> None:
    nodes = [
        node("Cast", ["frame"], "a", "cast", to=1),
        node("Conv", ["a", "w"], "b", "first"),
        node("Relu", ["b"], "c", "between"),
        node("Conv", ["c", "v"], "d", "last"),
        node("Sigmoid", ["d"], "e", "tail"),
        node("Neg", ["b"], "f", "side"),
    ]
    out = helper.make_tensor_value_info("e", TensorProto.FLOAT, None)
    assert ends(helper.make_graph(nodes, "g", [], [out])) == ("cast", "tail", "side")


def read_on(*, mean: bool = False) -> bytes:
    """A map whose logits a further head reads; or, in its place, the map's mean alone."""
    rng = np.random.default_rng(0)

    def weights(out: int, into: int) -> npt.NDArray[np.float32]:
        return rng.normal(0, 0.5, (out, into, 1, 1)).astype(np.float32)

    constants = {
        "scale": np.float32(1 / 255),
        "axes": np.array([2, 3]),
        "first_w": weights(WIDTH, 1),
        "middle_w": weights(WIDTH, WIDTH),
        "map_w": 4 * weights(1, WIDTH),
        "read_w": weights(WIDTH, WIDTH),
        "grade_w": weights(1, WIDTH),
    }
    nodes = [
        node("Cast", ["frame"], "cast", "cast", to=TensorProto.FLOAT),
        node("Mul", ["cast", "scale"], "scaled", "scaled"),
        node("Conv", ["scaled", "first_w"], "one", "first"),
        node("Relu", ["one"], "two", "relu"),
        node("Conv", ["two", "middle_w"], "three", "middle"),
        node("Relu", ["three"], "features", "features"),
        node("Conv", ["features", "map_w"], "logits", "map layer"),
        node("Sigmoid", ["logits"], "lesion", "sigmoid"),
        node("Mul", ["features", "lesion"], "inside", "inside"),
        node("Conv", ["inside", "read_w"], "read", "read"),
        node("Relu", ["read"], "reads", "reads"),
        node("Conv", ["reads", "grade_w"], "grade", "grade layer"),
    ]
    shown = "lesion"
    if mean:
        shown = "average"
        nodes.append(node("ReduceMean", ["lesion", "axes"], "average", "mean"))
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in (shown, "grade")]
    frame = helper.make_tensor_value_info("frame", TensorProto.UINT8, [1, 1, SIDE, SIDE])
    initializers = [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()]
    graph = helper.make_graph(nodes, "g", [frame], outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return prepared(model.SerializeToString())


def frames(count: int) -> list[npt.NDArray[np.uint8]]:
    rng = np.random.default_rng(1)
    return [rng.integers(0, 256, (1, 1, SIDE, SIDE), dtype=np.uint8) for _ in range(count)]


def quantized(keep_float: Sequence[str], **more: bool) -> onnx.ModelProto:
    settings = Calibration(frames=("none",))
    made = quantize_ort(read_on(), frames(8), settings, keep_float=keep_float, **more)
    return onnx.load_from_string(made.model)


def read_by(model: onnx.ModelProto, tensor: str) -> set[str]:
    """Kinds of the nodes that read a tensor."""
    return {n.op_type for n in model.graph.node if tensor in n.input}


def test_logits_that_a_further_layer_reads_belong_to_the_ends() -> None:
    model = onnx.load_from_string(read_on())
    assert last(model) == {"map layer", "grade layer"}
    assert outer(model) == ("first", "map layer", "grade layer")
    assert set(ends(model.graph)) == {"cast", "scaled", "sigmoid"}


def test_values_of_which_the_answer_is_only_a_mean_do_not() -> None:
    model = onnx.load_from_string(read_on(mean=True))
    assert last(model) == {"grade layer"}
    assert set(ends(model.graph)) == {"cast", "scaled", "mean"}


@pytest.mark.parametrize("outer_float", [True, False])
def test_such_logits_and_their_map_are_not_rounded(outer_float: bool) -> None:
    model = quantized(outer(onnx.load_from_string(read_on())) if outer_float else ())
    assert read_by(model, "logits") == {"Sigmoid"}
    assert model.graph.output[0].name == "lesion"
    made_by = {o: n.op_type for n in model.graph.node for o in n.output}
    assert made_by["lesion"] == "Sigmoid"


def test_a_layer_before_a_head_in_float_is_rounded_and_computes_in_integers() -> None:
    model = onnx.load_from_string(read_on())
    heads = outer(model)
    assert rounds(model, heads)
    assert not rounds(model, ())  # it would be the logits that are rounded
    assert not rounds(model, (*heads, "middle"))  # kept for its noise: its input is exact
    assert "QuantizeLinear" in read_by(quantized(heads), "reads") | read_by(
        quantized(heads), "read"
    )
    exact = quantized(heads, round_layers=False)
    assert "QuantizeLinear" not in read_by(exact, "reads") | read_by(exact, "read")
