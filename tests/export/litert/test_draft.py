"""Which tensor of the file holds which value of the graph."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

pytest.importorskip("ai_edge_litert", reason="needs LiteRT")

from sonoedge.errors import RuntimeUnavailable
from sonoedge_export.litert.draft import Draft
from sonoedge_export.litert.model_file import Scales

SHAPE = [1, 3, 4, 5]


def draft(zero: np.generic, *, other: float = 0.5) -> Draft:
    """x is quantized twice, and a constant is dequantized."""
    constants = {
        "scale": np.float32(0.5),
        "other": np.float32(other),
        "zero": zero,
        "levels": np.array([[-2, 4], [6, 8]], np.int8),
        "steps": np.array([0.5, 2], np.float32),
        "none": np.zeros(2, np.int8),
    }
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"], name="q"),
        helper.make_node("QuantizeLinear", ["x", "other", "zero"], ["r"], name="r"),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["y"], name="d"),
        helper.make_node("DequantizeLinear", ["r", "other", "zero"], ["z"], name="e"),
        helper.make_node("DequantizeLinear", ["levels", "steps", "none"], ["w"], name="w", axis=0),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, SHAPE)],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in "yzw"],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()],
    )
    return Draft(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]))


def test_integers_lie_between_pairs_of_quantizers_and_are_int8() -> None:
    made = draft(np.uint8(130))
    scales = made.rounded("x")
    assert scales == Scales(scale=(0.5,), zero=(2,))
    number = made.write_integers("x", scales)
    assert made.file.shapes[number] == (1, 4, 5, 3)
    assert made.integers("y") == made.integers("z") == number
    assert made.fused == {"q", "r"}
    assert made.requantized(number, scales, "x") == number
    assert made.requantized(number, Scales(scale=(0.25,), zero=(0,)), "x") != number


def test_two_kinds_of_quantizers_leave_a_value_in_float() -> None:
    assert draft(np.uint8(0), other=0.25).rounded("x") is None


def test_a_constant_is_read_through_its_scale_of_each_channel() -> None:
    value = draft(np.uint8(0)).constant("w")
    assert value is not None
    np.testing.assert_array_equal(value, [[-1, 2], [12, 16]])


def test_activations_that_are_not_uint8_are_refused() -> None:
    with pytest.raises(RuntimeUnavailable, match="only uint8 activations of one scale"):
        draft(np.int8(0)).rounded("x")


def test_what_is_asked_for_in_float_is_dequantized_once() -> None:
    made = draft(np.uint8(128))
    scales = made.rounded("x")
    assert scales is not None
    made.write_integers("x", scales)
    assert made.number("y") == made.number("y")
    assert isinstance(made.view.model, onnx.ModelProto)
