from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from litert_graphs import Graph, check_same, node
from sonoedge.errors import RuntimeUnavailable


@pytest.mark.parametrize("axis", [1, 2, 3, -1])
def test_pictures_are_put_together_along_the_axis_of_onnx(axis: int) -> None:
    nodes = [helper.make_node("Abs", ["x"], ["a"], name="a"), node("Concat", "x", "a", axis=axis)]
    check_same(Graph(nodes=nodes))


def test_a_flat_picture_has_the_order_of_onnx() -> None:
    check_same(Graph(nodes=[node("Flatten", "x")]))
    check_same(Graph(nodes=[node("Reshape", "x", "s")], constants={"s": np.array([4, 192])}))


def test_a_vector_becomes_a_picture_of_one_pixel_and_no_other() -> None:
    mean = helper.make_node("ReduceMean", ["x", "axes"], ["m"], name="m", keepdims=0)
    axes = {"axes": np.array([2, 3])}
    check_same(Graph(nodes=[mean, node("Unsqueeze", "m", "axes")], constants=axes))
    graph = Graph(
        nodes=[mean, node("Reshape", "m", "s")],
        constants={**axes, "s": np.array([1, 2, 2, 1])},
    )
    with pytest.raises(RuntimeUnavailable, match="only to pictures of one channel"):
        graph.engines()


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect"])
def test_a_picture_is_padded_as_in_onnx_runtime(mode: str) -> None:
    constants = {"p": np.array([0, 0, 2, 1, 0, 0, 0, 3])}
    made = helper.make_node("Pad", ["x", "p"], ["y"], name="p", mode=mode)
    check_same(Graph(nodes=[made], constants=constants))


@pytest.mark.parametrize(
    ("pads", "value"), [([0, 1, 0, 0, 0, 0, 0, 0], 0), ([0, 0, 1, 1, 0, 0, 1, 1], 2)]
)
def test_other_pads_are_refused(pads: list[int], value: float) -> None:
    constants: dict[str, Any] = {"p": np.array(pads), "v": np.float32(value)}
    with pytest.raises(RuntimeUnavailable, match="not written for LiteRT"):
        Graph(nodes=[node("Pad", "x", "p", "v")], constants=constants).engines()
