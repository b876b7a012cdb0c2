"""The ends of a graph: what scales the frame, and what comes to an output from its last layers."""

from __future__ import annotations

from typing import Final

import onnx

from sonoedge_export.onnx_graph import WEIGHTED

# A mean over the frame: rounding averages out behind it.
MEANS: Final = ("ReduceMean", "GlobalAveragePool")


def ends(graph: onnx.GraphProto) -> tuple[str, ...]:
    """Names of the nodes before any layer, and of those between a layer and an output.

    A node that a further layer reads as well is of the second kind all the same: a map of the
    answer stays exact where the network goes on from it.
    """
    below = exposed(graph)
    downstream: set[str] = set()  # tensors with a layer upstream
    for node in graph.node:
        if node.op_type in WEIGHTED or downstream & set(node.input):
            downstream.update(node.output)
    upstream: set[str] = set()  # tensors with a layer downstream
    for node in reversed(graph.node):
        if node.op_type in WEIGHTED or upstream & set(node.output):
            upstream.update(node.input)
    inner = (downstream & upstream) - below
    return tuple(
        n.name for n in graph.node if n.op_type not in WEIGHTED and not inner & set(n.output)
    )


def exposed(graph: onnx.GraphProto) -> set[str]:
    """Tensors that come to an output through neither a layer nor a mean over the frame."""
    tensors = {o.name for o in graph.output}
    for node in reversed(graph.node):
        if node.op_type not in (*WEIGHTED, *MEANS) and tensors & set(node.output):
            tensors.update(node.input)
    return tensors
