from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.opset import nearest_opset, version


def model(op: str, opset: int, *, mode: str = "linear") -> onnx.ModelProto:
    """Enlarges [1, 1, 4, 4] to twice its height and width."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 4, 4])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 8, 8])
    scales = numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales")
    node = helper.make_node(op, ["x", "scales"], ["y"], mode=mode)
    graph = helper.make_graph([node], "g", [x], [y], [scales])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=4)


def answer(graph: onnx.ModelProto) -> np.ndarray:
    session = ort.InferenceSession(graph.SerializeToString())
    x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4) ** 2
    return np.asarray(session.run(None, {"x": x})[0])


@pytest.mark.parametrize(("op", "opset"), [("Upsample", 9), ("Resize", 10)])
@pytest.mark.parametrize("mode", ["linear", "nearest"])
def test_an_old_resize_means_the_same_in_a_newer_operator_set(
    op: str, opset: int, mode: str
) -> None:
    old = model(op, opset, mode=mode)
    new = nearest_opset(old, "f.onnx")
    assert version(new) == 18
    np.testing.assert_allclose(answer(new), answer(old), atol=1e-4)


def test_a_newer_graph_with_an_operator_that_18_lacks_keeps_its_operator_set() -> None:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 4, 4])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, 4, 4])
    ones = [numpy_helper.from_array(np.ones(4, np.float32), n) for n in ("s", "b")]
    node = helper.make_node("GroupNormalization", ["x", "s", "b"], ["y"], num_groups=2)
    graph = helper.make_graph([node], "g", [x], [y], ones)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    assert version(nearest_opset(made, "f.onnx")) == 21
    made.opset_import[0].version = 22
    with pytest.raises(InvalidNetwork, match="export it again with operator set 18"):
        nearest_opset(made, "f.onnx")
