"""Is the graph what ONNX says a graph is? The rules read nodes without asking that again."""

from __future__ import annotations

from collections.abc import Iterator

import onnx
from onnx import TensorProto, checker

from sonoedge.errors import InvalidNetwork
from sonoedge_export.lint.view import QUANTIZERS


def well_formed(model: onnx.ModelProto) -> None:
    """Check each node against its operator's schema, and each tensor against its size.

    Not the whole of `onnx.checker.check_model`: that wants the files of weights that lie
    elsewhere, and refuses operators of other domains; for both there is a rule.

    Raises:
        InvalidNetwork: it is malformed; the message names the place.
    """
    context = checker.C.CheckerContext()
    context.ir_version = model.ir_version
    context.opset_imports = {o.domain: o.version for o in model.opset_import}
    try:
        for graph in _graphs(model.graph):
            for node in graph.node:
                _check_node(node, context)
            for tensor in graph.initializer:
                if tensor.data_location != TensorProto.EXTERNAL:
                    checker.check_tensor(tensor, context)
    # The checker's own message may hold the graph's bytes, which need not be text.
    except (checker.ValidationError, RuntimeError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InvalidNetwork(f"this is a malformed ONNX graph: {reason}") from None


def _check_node(node: onnx.NodeProto, context: checker.C.CheckerContext) -> None:
    if node.domain in ("", "ai.onnx"):
        checker.check_node(_without_inner_nodes(node), context)
    if not node.output or (node.op_type in QUANTIZERS and len(node.input) < 2):
        raise checker.ValidationError(f"{node.op_type} {node.name} lacks tensors")


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """A graph, and those within it: branches and bodies of control flow."""
    yield graph
    for node in graph.node:
        for inner in _inner(node):
            yield from _graphs(inner)


def _inner(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    single = [a.g for a in node.attribute if a.type == onnx.AttributeProto.GRAPH]
    return single + [g for a in node.attribute for g in a.graphs]


def _without_inner_nodes(node: onnx.NodeProto) -> onnx.NodeProto:
    """The node with empty branches: the checker of single nodes is told no outer names, and an
    inner graph may use them. Its nodes are checked one by one."""
    if not _inner(node):
        return node
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    for graph in _inner(copy):
        del graph.node[:], graph.initializer[:], graph.output[:]
    return copy
