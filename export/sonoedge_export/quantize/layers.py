"""What may be quantized in a graph: its layers, and the ends that stay in float."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import onnx
import onnxruntime as ort

from sonoedge.errors import InvalidNetwork, InvalidSettings
from sonoedge_export.onnx_graph import WEIGHTED, constants_to_initializers, name_nodes, to_bytes
from sonoedge_export.quantize.ends import ends, exposed
from sonoedge_export.recipe.quantize import Quantize


def prepared(graph: bytes) -> bytes:
    """The float graph as every quantizer gets it: nodes named, batch normalisation folded.

    Raises:
        InvalidNetwork: nothing in it can be quantized.
    """
    model = onnx.load_from_string(graph)
    if any(n.op_type == "BatchNormalization" for n in model.graph.node):
        model = onnx.load_from_string(_folded(graph))
    constants_to_initializers(model)
    name_nodes(model)
    if not any(n.op_type in WEIGHTED for n in model.graph.node):
        raise InvalidNetwork("the network has no convolution or matrix product to quantize")
    return to_bytes(model)


def layers(model: onnx.ModelProto) -> tuple[str, ...]:
    """Names of the convolutions and matrix products, in the graph's order."""
    return tuple(n.name for n in model.graph.node if n.op_type in WEIGHTED)


def outer(model: onnx.ModelProto) -> tuple[str, ...]:
    """Layers with no other layer before them, and the last ones; none where all are such."""
    nodes, names = list(model.graph.node), layers(model)
    first = _unreached(nodes, lambda n: (n.input, n.output))
    outermost = tuple(n for n in names if n in first | last(model))
    return () if len(outermost) == len(names) else outermost


def last(model: onnx.ModelProto) -> set[str]:
    """Names of the layers with no other layer between them and an output, or none behind.

    Where the network goes on from its logits, the layer that makes them is a last one still.
    """
    nodes, seen = list(model.graph.node), exposed(model.graph)
    heads = {n.name for n in nodes if n.op_type in WEIGHTED and seen & set(n.output)}
    return heads | _unreached(nodes[::-1], lambda n: (n.output, n.input))


def rounds(model: onnx.ModelProto, keep_float: Collection[str]) -> bool:
    """Whether every quantized layer's output may be rounded to 8 bits, whoever reads it.

    A layer whose output is not rounded computes in float. It may be where no logits are
    made by one, and where none but outer layers are kept in float: they take rounded values,
    but a layer that is kept for its noise needs exact ones.
    """
    kept = set(keep_float)
    return last(model) <= kept <= set(outer(model))


def float_layers(settings: Quantize, graph: bytes) -> tuple[str, ...]:
    """The layers that stay in float from the beginning, in an engine for CPUs.

    Args:
        graph: as `prepared` gives it.
    """
    ends = outer(onnx.load_from_string(graph)) if settings.outer_float else ()
    return (*settings.keep_float, *(n for n in ends if n not in settings.keep_float))


def _unreached(
    nodes: Sequence[onnx.NodeProto], sides: Callable[[onnx.NodeProto], tuple[Any, Any]]
) -> set[str]:
    """Layers that no other layer's values come to, in the direction of the nodes given."""
    reached: set[str] = set()
    outermost = set()
    for node in nodes:
        near, far = sides(node)
        reached_here = bool(reached & set(near))
        if node.op_type in WEIGHTED and not reached_here:
            outermost.add(node.name)
        if node.op_type in WEIGHTED or reached_here:
            reached.update(far)
    return outermost


def float_nodes(model: onnx.ModelProto, keep_float: Collection[str]) -> list[str]:
    """Names of all nodes that stay in float: the graph's ends and the layers named.

    The ends are what scales the uint8 frame, before the first layer, and what turns
    logits into rounded levels, though layers may read it too.

    Raises:
        InvalidSettings: a name is none of the graph's layers.
    """
    check(model, keep_float)
    return [*ends(model.graph), *keep_float]


def check(model: onnx.ModelProto, keep_float: Collection[str]) -> None:
    """Refuse names that are none of the graph's layers.

    Raises:
        InvalidSettings: names those that are.
    """
    available: Sequence[str] = layers(model)
    unknown = sorted(set(keep_float) - set(available))
    if unknown:
        raise InvalidSettings(
            f"quantize.keep_float: {', '.join(unknown)} is no layer; the layers are "
            f"{', '.join(available)}"
        )


def _folded(graph: bytes) -> bytes:
    """The graph after ONNX Runtime's basic optimisation, which changes no result's meaning."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "folded.onnx"
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(file)
        options.log_severity_level = 3
        ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        return file.read_bytes()
