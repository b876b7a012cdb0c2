from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from litert_graphs import Graph, check_same, node
from sonoedge.errors import RuntimeUnavailable


@pytest.mark.parametrize(
    "attributes",
    [
        {"kernel_shape": [2, 2], "strides": [2, 2]},
        {"kernel_shape": [5, 5], "pads": [2, 2, 2, 2]},
        {"kernel_shape": [3, 3], "pads": [0, 0, 1, 1], "strides": [2, 2]},
    ],
    ids=str,
)
def test_the_largest_is_that_of_onnx_runtime(attributes: dict[str, Any]) -> None:
    check_same(Graph(nodes=[node("MaxPool", "x", **attributes)]))


def test_zeros_around_are_no_largest_value_where_values_may_be_negative() -> None:
    attributes: dict[str, Any] = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]}
    with pytest.raises(RuntimeUnavailable, match="not negative"):
        Graph(nodes=[node("MaxPool", "x", **attributes)]).engines()
    nodes = [helper.make_node("Relu", ["x"], ["r"], name="r"), node("MaxPool", "r", **attributes)]
    check_same(Graph(nodes=nodes))


@pytest.mark.parametrize(
    "attributes",
    [
        {"kernel_shape": [4, 4], "strides": [4, 4]},
        {"kernel_shape": [7, 7], "pads": [3, 3, 3, 3], "count_include_pad": 1},
        {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "count_include_pad": 0},
        {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "count_include_pad": 1, "strides": [2, 2]},
    ],
    ids=str,
)
def test_the_average_is_that_of_onnx_runtime(attributes: dict[str, Any]) -> None:
    check_same(Graph(nodes=[node("AveragePool", "x", **attributes)]))


@pytest.mark.parametrize(
    "attributes",
    [
        {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]},
        {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1},
    ],
    ids=str,
)
def test_an_average_that_litert_cannot_take_is_refused(attributes: dict[str, Any]) -> None:
    with pytest.raises(RuntimeUnavailable, match="not written for LiteRT"):
        Graph(nodes=[node("AveragePool", "x", **attributes)]).engines()


@pytest.mark.parametrize("kind", ["ReduceMean", "ReduceMax", "ReduceMin", "ReduceSum"])
@pytest.mark.parametrize(("axes", "keep"), [([2, 3], 0), ([2, 3], 1), ([1], 1), ([1, 2, 3], 0)])
def test_a_reduction_is_that_of_onnx_runtime(kind: str, axes: list[int], keep: int) -> None:
    made = node(kind, "x", "axes", keepdims=keep)
    check_same(Graph(nodes=[made], constants={"axes": np.array(axes)}), tolerance=1e-4)


@pytest.mark.parametrize("kind", ["GlobalAveragePool", "GlobalMaxPool"])
def test_a_pooling_of_the_whole_is_that_of_onnx_runtime(kind: str) -> None:
    check_same(Graph(nodes=[node(kind, "x")]))


def test_a_reduction_that_would_change_the_order_is_refused() -> None:
    graph = Graph(
        nodes=[node("ReduceMean", "x", "axes", keepdims=0)], constants={"axes": np.array([2])}
    )
    with pytest.raises(RuntimeUnavailable, match="change their order"):
        graph.engines()
