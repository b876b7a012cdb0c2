from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from litert_graphs import CHANNELS, Graph, check_same, node
from sonoedge.errors import RuntimeUnavailable


def weights(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(
    ("shape", "attributes"),
    [
        ((6, CHANNELS, 3, 3), {"pads": [1, 1, 1, 1]}),
        ((6, CHANNELS, 3, 3), {"pads": [1, 1, 1, 1], "strides": [2, 2]}),
        ((6, CHANNELS, 3, 3), {"pads": [0, 0, 1, 1], "strides": [2, 2]}),
        ((6, CHANNELS, 5, 3), {"pads": [0, 1, 2, 0], "strides": [1, 2]}),
        ((6, CHANNELS, 3, 3), {"pads": [2, 2, 2, 2], "dilations": [2, 2]}),
        ((6, CHANNELS, 3, 3), {}),
        ((6, CHANNELS, 1, 1), {"strides": [2, 2]}),
        ((CHANNELS, 1, 3, 3), {"group": CHANNELS, "pads": [1, 1, 1, 1]}),
        ((CHANNELS, 1, 5, 5), {"group": CHANNELS, "pads": [1, 1, 2, 2], "strides": [2, 2]}),
        ((2 * CHANNELS, 1, 3, 3), {"group": CHANNELS, "pads": [1, 1, 1, 1]}),
        ((6, 2, 3, 3), {"group": 2, "pads": [1, 1, 1, 1]}),
    ],
    ids=str,
)
def test_a_convolution_answers_as_in_onnx_runtime(
    shape: tuple[int, ...], attributes: dict[str, Any]
) -> None:
    made = node("Conv", "x", "w", "b", **attributes)
    check_same(Graph(nodes=[made], constants={"w": weights(*shape), "b": weights(shape[0])}))


def test_a_layer_without_bias_and_with_activation_is_one_operator() -> None:
    from onnx import helper

    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], name="c"),
        helper.make_node("Clip", ["c", "least", "most"], ["y"], name="r"),
    ]
    constants = {"w": weights(3, CHANNELS, 1, 1), "least": np.float32(0), "most": np.float32(6)}
    graph = Graph(nodes=nodes, constants=constants)
    check_same(graph)
    interpreter: Any = graph.engines()[1]
    names = [o["op_name"] for o in interpreter._interpreter._get_ops_details()]
    assert "RELU6" not in names
    assert names.count("CONV_2D") == 2


def test_a_layer_whose_own_output_is_read_as_well_keeps_it() -> None:
    from onnx import helper

    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], name="c"),
        helper.make_node("Relu", ["c"], ["r"], name="r"),
        helper.make_node("Sub", ["r", "c"], ["y"], name="s"),
    ]
    check_same(Graph(nodes=nodes, constants={"w": weights(3, CHANNELS, 1, 1)}))


@pytest.mark.parametrize(("transposed", "shape"), [(1, (5, CHANNELS)), (0, (CHANNELS, 5))])
def test_a_linear_layer_answers_as_in_onnx_runtime(transposed: int, shape: Any) -> None:
    from onnx import helper

    nodes = [
        helper.make_node("ReduceMean", ["x", "axes"], ["m"], name="m", keepdims=0),
        node("Gemm", "m", "w", "b", transB=transposed),
    ]
    constants = {"axes": np.array([2, 3]), "w": weights(*shape), "b": weights(5)}
    check_same(Graph(nodes=nodes, constants=constants))


def test_weights_that_are_computed_are_refused() -> None:
    graph = Graph(nodes=[node("Conv", "x", "x")])
    with pytest.raises(RuntimeUnavailable, match="only constant kernels"):
        graph.engines()
