from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from sonoedge_export.quantize.ort import quantize_ort
from sonoedge_export.recipe.calibration import Calibration

ort = pytest.importorskip("onnxruntime", reason="needs pip install onnxruntime")


def shared_weight() -> bytes:
    """A linear layer whose weight a product reads as well, as an activation map's does."""
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(24, 64)).astype(np.float32)
    initializers = [
        numpy_helper.from_array(weight, "weight"),
        numpy_helper.from_array(np.float32(1 / 255), "scale"),
    ]
    nodes = [
        helper.make_node("Cast", ["frame"], ["cast"], name="cast", to=TensorProto.FLOAT),
        helper.make_node("Mul", ["cast", "scale"], ["scaled"], name="scaled"),
        helper.make_node("Flatten", ["scaled"], ["flat"], name="flat"),
        helper.make_node("Gemm", ["flat", "weight"], ["made"], name="linear", transB=1),
        helper.make_node("Relu", ["made"], ["gate"], name="gate"),
        helper.make_node("MatMul", ["gate", "weight"], ["gain"], name="product"),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("frame", TensorProto.UINT8, [1, 1, 8, 8])],
        [helper.make_tensor_value_info("gain", TensorProto.FLOAT, [1, 64])],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return model.SerializeToString()


@pytest.mark.parametrize("form", ["qdq", "qoperator"])
def test_a_weight_that_a_layer_and_a_product_share_runs_in_both(form: str) -> None:
    graph = shared_weight()
    rng = np.random.default_rng(1)
    frames = [rng.integers(0, 256, (1, 1, 8, 8), dtype=np.uint8) for _ in range(8)]
    settings = Calibration(frames=("none",))
    # Half the weights' range: processors without VNNI add pairs in 16 bits, which overflow.
    made = quantize_ort(graph, frames, settings, form=form, reduce_range=True)  # type: ignore[arg-type]
    exact, quantized = (
        ort.InferenceSession(m, providers=["CPUExecutionProvider"]).run(None, {"frame": frames[0]})
        for m in (graph, made.model)
    )
    assert np.abs(quantized[0] - exact[0]).max() < 0.05 * np.abs(exact[0]).max()
    names = [i.name for i in onnx.load_from_string(made.model).graph.initializer]
    assert sum("weight" in n and n.endswith("quantized") for n in names) == 2
