from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("ai_edge_litert", reason="needs LiteRT")
from ai_edge_litert.interpreter import Interpreter

from sonoedge_export.litert.model_file import SIGNATURE, ModelFile, Scales


def doubled() -> bytes:
    """y = x + x, and an operator that nothing needs."""
    file = ModelFile()
    x, y, z = (file.tensor(name, (2, 3), "float32") for name in "xyz")
    file.operator("ADD", [x, x], y, "AddOptions")
    file.operator("MUL", [x, x], z, "MulOptions")
    return file.to_bytes({"x": x}, {"y": y})


def test_a_file_is_run_by_its_names_and_is_the_same_each_time() -> None:
    assert doubled() == doubled()
    run: Any = Interpreter(model_content=doubled()).get_signature_runner(SIGNATURE)
    given = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(run(x=given)["y"], 2 * given)


def test_an_operator_that_no_output_needs_is_left_out() -> None:
    interpreter: Any = Interpreter(model_content=doubled())
    assert [o["op_name"] for o in interpreter._get_ops_details()].count("MUL") == 0


def test_constants_and_scales_are_read_back() -> None:
    file = ModelFile()
    scales = Scales(scale=(0.5, 0.25), zero=(0, 0), axis=1)
    weights = np.array([[1, -2], [3, 4]], np.int8)
    constant = file.tensor("w", (2, 2), "int8", scales=scales, data=weights)
    x = file.tensor("x", (2, 2), "int8", scales=scales)
    y = file.tensor("y", (4, 2), "int8", scales=scales)
    file.operator("CONCATENATION", [constant, x], y, "ConcatenationOptions", axis=0)
    interpreter: Any = Interpreter(model_content=file.to_bytes({"x": x}, {"y": y}))
    details = interpreter.get_tensor_details()[constant]
    assert details["quantization_parameters"]["scales"].tolist() == [0.5, 0.25]
    assert details["quantization_parameters"]["quantized_dimension"] == 1
    np.testing.assert_array_equal(interpreter.get_tensor(constant), weights)
