"""What two nodes share gets a name for each, where ONNX Runtime's quantizer treats all alike."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import onnx
from onnx import helper

from sonoedge_export.quantize.ends import exposed

_COPY: Final = "/to be rounded"


def separate_weights(model: onnx.ModelProto) -> None:
    """Give a product its own copy of a weight that a linear layer reads too.

    A head's activation map multiplies by its layers' weights, which the layers read
    transposed. The quantizer scales a shared weight per channel once, along the layer's axis,
    and ONNX Runtime refuses to run the product.
    """
    layers = {name for n in model.graph.node if n.op_type == "Gemm" for name in n.input[1:2]}
    weights = {i.name: i for i in model.graph.initializer if i.name in layers}
    copied: set[str] = set()
    for node in model.graph.node:
        if node.op_type == "MatMul" and node.input[1] in weights:
            weight = weights[node.input[1]]
            node.input[1] += "_of_product"
            if node.input[1] not in copied:
                copied.add(node.input[1])
                copy = model.graph.initializer.add()
                copy.CopyFrom(weight)
                copy.name = node.input[1]


def separate_ends(model: onnx.ModelProto, float_names: Collection[str]) -> None:
    """Give nodes that are quantized a copy of what comes to an output as well.

    The quantizer rounds a tensor for all of its readers, and for the output, where one of
    them is quantized. `rejoined` takes the copies out again.
    """
    graph = model.graph
    made_by = {o: n.name for n in graph.node for o in n.output}
    shared = {t for t in exposed(graph) if made_by.get(t) in float_names}
    nodes, copied = list(graph.node), set[str]()
    del graph.node[:]
    for node in nodes:
        for k, tensor in enumerate(node.input):
            if tensor in shared and node.name not in float_names:
                if tensor not in copied:
                    copied.add(tensor)
                    name = f"{tensor}{_COPY}"
                    graph.node.append(helper.make_node("Identity", [tensor], [name], name=name))
                node.input[k] = f"{tensor}{_COPY}"
        graph.node.append(node)


def rejoined(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without the copies of `separate_ends`; their readers read what was copied."""
    nodes = list(model.graph.node)
    source = {n.output[0]: n.input[0] for n in nodes if n.name.endswith(_COPY)}
    del model.graph.node[:]
    for node in nodes:
        if node.name.endswith(_COPY):
            continue
        node.input[:] = [source.get(name, name) for name in node.input]
        model.graph.node.append(node)
    return model
