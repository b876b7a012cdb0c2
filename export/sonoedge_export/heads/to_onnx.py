"""A head as a graph of plain operators: `features` float32 [1, N] in, `class_probs` [1, 2] out.

Every engine that reads the network reads these too; a forest alone needs an operator of
`ai.onnx.ml`, which ONNX Runtime has. No converter: those that exist swap the two classes in some
forms of pipeline, without a word.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from sonoedge.bundle.heads import INPUT, OUTPUT
from sonoedge_export.heads.fit import CLIP, Fitted
from sonoedge_export.heads.trees import tree_ensemble
from sonoedge_export.onnx_graph import OPSET, clean, to_bytes

ML_OPSET: Final = 3


class _Graph:
    """Nodes and initializers, as they come."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, value: npt.ArrayLike) -> str:
        name = f"c{len(self.initializers)}"
        array = np.ascontiguousarray(np.asarray(value, dtype=np.float32))
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def call(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def linear(self, value: str, weights: npt.ArrayLike, bias: npt.ArrayLike) -> str:
        product = self.call("MatMul", value, self.constant(weights))
        return self.call("Add", product, self.constant(bias))


def to_onnx(head: Fitted) -> bytes:
    """The graph's bytes, the same for the same head."""
    graph = _Graph()
    count = len(head.mean)
    decision = _DECISIONS[head.kind](graph, head)
    scaled = graph.call("Mul", decision, graph.constant([[head.slope]]))
    malignant = graph.call("Sigmoid", graph.call("Add", scaled, graph.constant([[head.offset]])))
    benign = graph.call("Sub", graph.constant([[1.0]]), malignant)
    graph.nodes.append(helper.make_node("Concat", [benign, malignant], [OUTPUT], axis=1))
    opsets = [helper.make_opsetid("", OPSET)]
    if head.kind == "forest":
        opsets.append(helper.make_opsetid("ai.onnx.ml", ML_OPSET))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "sonoedge",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [1, count])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [1, 2])],
            graph.initializers,
        ),
        opset_imports=opsets,
    )
    model = clean(model)
    onnx.checker.check_model(model, full_check=True)
    return to_bytes(model)


def _standardised(graph: _Graph, head: Fitted) -> str:
    centred = graph.call("Sub", INPUT, graph.constant(head.mean[None]))
    scaled = graph.call("Mul", centred, graph.constant(1 / head.scale[None]))
    return graph.call("Clip", scaled, graph.constant(-CLIP), graph.constant(CLIP))


def _logistic(graph: _Graph, head: Fitted) -> str:
    model = head.estimator
    return graph.linear(_standardised(graph, head), model.coef_.T, model.intercept_)


def _svm_rbf(graph: _Graph, head: Fitted) -> str:
    # |x - s|^2 = |x|^2 + |s|^2 - 2 x.s
    model, x = head.estimator, _standardised(graph, head)
    vectors = model.support_vectors_
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    graph.initializers.append(axes)
    own = graph.call("ReduceSumSquare", x, "axes", keepdims=1)
    product = graph.call("MatMul", x, graph.constant(-2 * vectors.T))
    distance = graph.call("Add", graph.call("Add", own, product), _squares(graph, vectors))
    kernel = graph.call("Exp", graph.call("Mul", distance, graph.constant([[-model.gamma]])))
    return graph.linear(kernel, model.dual_coef_.T, model.intercept_)


def _squares(graph: _Graph, vectors: npt.NDArray[np.float64]) -> str:
    return graph.constant((vectors**2).sum(axis=1)[None])


def _svm_poly(graph: _Graph, head: Fitted) -> str:
    model, x = head.estimator, _standardised(graph, head)
    product = graph.call("MatMul", x, graph.constant(model.gamma * model.support_vectors_.T))
    shifted = graph.call("Add", product, graph.constant([[model.coef0]]))
    kernel = graph.call("Pow", shifted, graph.constant([[float(model.degree)]]))
    return graph.linear(kernel, model.dual_coef_.T, model.intercept_)


def _network(graph: _Graph, head: Fitted) -> str:
    model = head.estimator
    hidden = graph.linear(_standardised(graph, head), model.coefs_[0], model.intercepts_[0])
    return graph.linear(graph.call("Relu", hidden), model.coefs_[1], model.intercepts_[1])


def _forest(graph: _Graph, head: Fitted) -> str:
    name = f"v{len(graph.nodes)}"
    graph.nodes.append(tree_ensemble(head.estimator, INPUT, name))
    return graph.call("Sub", name, graph.constant([[0.5]]))


_DECISIONS: Final = {
    "logistic": _logistic,
    "svm-rbf": _svm_rbf,
    "svm-poly": _svm_poly,
    "network": _network,
    "forest": _forest,
}
