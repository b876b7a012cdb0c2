"""A graph around a few ONNX nodes, in ONNX Runtime and, converted, in LiteRT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

pytest.importorskip("ai_edge_litert", reason="needs LiteRT")

from sonoedge.runtime import Runtime, runtime_class
from sonoedge_export.litert.convert import to_litert

SIZE = (1, 1, 12, 16)
CHANNELS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Nodes between "x", float32 [1, 4, 12, 16], made of the graph's input, and "y".

    Attributes:
        constants: by name.
        output: what the graph answers.
    """

    nodes: Sequence[onnx.NodeProto]
    constants: Mapping[str, Any] = field(default_factory=dict)
    output: str = "y"

    def onnx(self) -> bytes:
        """The model's bytes."""
        rng = np.random.default_rng(3)
        weights = rng.normal(size=(CHANNELS, 1, 1, 1)).astype(np.float32)
        constants = {"to_x": weights, **self.constants}
        graph = helper.make_graph(
            [helper.make_node("Conv", ["picture", "to_x"], ["x"]), *self.nodes],
            "graph",
            [helper.make_tensor_value_info("picture", TensorProto.FLOAT, SIZE)],
            [onnx.ValueInfoProto(name=self.output)],
            [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
        model.ir_version = 10
        return onnx.shape_inference.infer_shapes(model).SerializeToString()

    def engines(self) -> tuple[Runtime, Runtime]:
        """ONNX Runtime's and LiteRT's."""
        model = self.onnx()
        return (
            runtime_class("onnxruntime")(model, precision="fp32", threads=1),
            runtime_class("litert")(to_litert(model), precision="fp32", threads=1),
        )

    def answers(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """What ONNX Runtime and LiteRT answer to the same picture."""
        rng = np.random.default_rng(4)
        picture = rng.normal(size=SIZE).astype(np.float32)
        first, second = (e.infer({"picture": picture})[self.output] for e in self.engines())
        return first, second


def node(kind: str, *inputs: str, **attributes: Any) -> onnx.NodeProto:
    """A node from its inputs to "y"."""
    return helper.make_node(kind, list(inputs), ["y"], name="tested", **attributes)


def check_same(graph: Graph, tolerance: float = 1e-5) -> None:
    """ONNX Runtime and LiteRT answer alike, in the same shape and type."""
    want, got = graph.answers()
    assert got.dtype == want.dtype
    assert np.abs(want).max() > 0
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=tolerance)
