"""A matrix that is read as it is and transposed: both products must be right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

pytest.importorskip("openvino", reason="needs OpenVINO")
pytest.importorskip("onnx", reason="builds graphs")
import onnx
import openvino as ov

from sonoedge.engines.openvino_graph import separate_shared_matrices
from sonoedge_runtimes.ov import OpenVino

Array = npt.NDArray[np.float32]


def both_ways(weights: Array) -> bytes:
    """`there` = x W^T, and `back` = there W: a layer forward, and its gradient."""
    rows, columns = weights.shape
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        helper.make_node("Gemm", ["x", "w"], ["there"], transB=1),
        helper.make_node("MatMul", ["there", "w"], ["back"]),
    ]
    graph = helper.make_graph(
        nodes,
        "both",
        [helper.make_tensor_value_info("x", kind, [1, columns])],
        [
            helper.make_tensor_value_info("there", kind, [1, rows]),
            helper.make_tensor_value_info("back", kind, [1, columns]),
        ],
        [onnx.numpy_helper.from_array(weights, "w")],
    )
    opset = [helper.make_opsetid("", 18)]
    data: bytes = helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString()
    return data


@pytest.mark.parametrize("shape", [(256, 256), (256, 128)])
def test_a_layer_forward_and_backward_is_computed_right(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    weights = (rng.normal(size=shape) / 16).astype(np.float32)
    x = rng.normal(size=(1, shape[1])).astype(np.float32)
    engine = OpenVino(both_ways(weights), precision="fp32", threads=1)
    answer = engine.infer({"x": x})
    engine.close()
    np.testing.assert_allclose(answer["there"], x @ weights.T, atol=1e-4)
    np.testing.assert_allclose(answer["back"], x @ weights.T @ weights, atol=1e-4)


def test_only_a_square_matrix_that_is_read_both_ways_is_copied() -> None:
    def constants(data: bytes) -> int:
        model = separate_shared_matrices(ov, ov.Core().read_model(data))
        return sum(n.get_type_name() == "Constant" for n in model.get_ops())

    square, oblong = np.ones((64, 64), np.float32), np.ones((64, 32), np.float32)
    assert constants(both_ways(square)) == constants(both_ways(oblong)) + 1
