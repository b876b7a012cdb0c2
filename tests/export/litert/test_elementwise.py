from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

from litert_graphs import CHANNELS, Graph, check_same, node
from sonoedge.errors import RuntimeUnavailable
from sonoedge_export.litert.elementwise import UNARY


@pytest.mark.parametrize("kind", sorted(set(UNARY) - {"Sqrt", "Round"}))
def test_a_function_of_each_value_answers_as_in_onnx_runtime(kind: str) -> None:
    check_same(Graph(nodes=[node(kind, "x")]), tolerance=1e-4)


def test_a_root_answers_as_in_onnx_runtime() -> None:
    nodes = [helper.make_node("Abs", ["x"], ["a"], name="a"), node("Sqrt", "a")]
    check_same(Graph(nodes=nodes), tolerance=1e-4)


def test_halves_are_rounded_to_even_as_in_onnx_runtime() -> None:
    halves = np.tile(np.array([0.5, 1.5, 2.5, -0.5], np.float32), 4)
    nodes = [
        helper.make_node("Mul", ["x", "none"], ["zero"], name="zero"),
        helper.make_node("Add", ["zero", "halves"], ["h"], name="h"),
        node("Round", "h"),
    ]
    check_same(Graph(nodes=nodes, constants={"none": np.float32(0), "halves": halves}), 0)


@pytest.mark.parametrize("kind", ["Add", "Sub", "Mul", "Div", "Max", "Min"])
@pytest.mark.parametrize("shape", [(), (1,), (16,), (CHANNELS, 1, 1), (1, CHANNELS, 12, 16)])
def test_a_constant_is_joined_in_the_layout_of_the_picture(
    kind: str, shape: tuple[int, ...]
) -> None:
    constant = np.random.default_rng(0).uniform(1, 2, size=shape).astype(np.float32)
    check_same(Graph(nodes=[node(kind, "x", "c")], constants={"c": constant}))


@pytest.mark.parametrize("limits", [("a", "b"), ("a", ""), ("", "b"), ("zero", "six")])
def test_limits_are_those_of_onnx_runtime(limits: tuple[str, str]) -> None:
    constants = {"a": -0.7, "b": 0.4, "zero": 0.0, "six": 6.0}
    used = {k: np.float32(v) for k, v in constants.items() if k in limits}
    check_same(Graph(nodes=[node("Clip", "x", *limits)], constants=used))


def test_a_softmax_over_channels_answers_as_in_onnx_runtime() -> None:
    check_same(Graph(nodes=[node("Softmax", "x", axis=1)]))
    with pytest.raises(RuntimeUnavailable, match="only over channels"):
        Graph(nodes=[node("Softmax", "x", axis=3)]).engines()


def test_levels_are_rounded_and_limited_as_in_onnx_runtime() -> None:
    constants = {"c": np.float32(200.0), "a": np.float32(0), "b": np.float32(255)}
    nodes = [
        helper.make_node("Mul", ["x", "c"], ["m"], name="m"),
        helper.make_node("Round", ["m"], ["r"], name="r"),
        helper.make_node("Clip", ["r", "a", "b"], ["l"], name="l"),
        helper.make_node("Cast", ["l"], ["y"], name="y", to=TensorProto.UINT8),
    ]
    graph = Graph(nodes=nodes, constants=constants)
    want, got = graph.answers()
    assert want.dtype == got.dtype == np.uint8
    assert {0, 255} < set(want.reshape(-1).tolist())
    np.testing.assert_array_equal(got, want)


def test_what_was_not_rounded_is_no_level() -> None:
    nodes = [helper.make_node("Cast", ["x"], ["y"], name="y", to=TensorProto.UINT8)]
    with pytest.raises(RuntimeUnavailable, match="rounded to 0 to 255"):
        Graph(nodes=nodes).engines()


def test_a_picture_and_a_vector_are_not_joined() -> None:
    nodes = [
        helper.make_node("ReduceMean", ["x", "axes"], ["m"], name="m", keepdims=0),
        node("Add", "x", "m"),
    ]
    with pytest.raises(RuntimeUnavailable, match="different numbers of dimensions"):
        Graph(nodes=nodes, constants={"axes": np.array([1, 2])}).engines()
