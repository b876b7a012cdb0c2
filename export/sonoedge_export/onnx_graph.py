"""What every stage that touches an ONNX graph does alike."""

from __future__ import annotations

from typing import Final

import onnx

OPSET: Final = 18
IR_VERSION: Final = 10  # the newest that ONNX Runtime 1.20 and TensorRT 10.3 read
WEIGHTED: Final = ("Conv", "ConvTranspose", "Gemm", "MatMul")


def clean(model: onnx.ModelProto) -> onnx.ModelProto:
    """Take out what says who exported it and where: metadata, comments, source paths.

    Merging names an operator set twice; ONNX Runtime's quantizer takes only one.
    """
    sets = {(o.domain, o.version): o for o in model.opset_import}
    del model.opset_import[:]
    model.opset_import.extend(sets.values())
    model.producer_name, model.producer_version = "sonoedge", ""
    model.domain, model.model_version, model.doc_string = "", 0, ""
    model.ir_version = IR_VERSION
    del model.metadata_props[:]
    graph = model.graph
    graph.name, graph.doc_string = "sonoedge", ""
    del graph.metadata_props[:]
    for part in (*graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]
    return model


def to_bytes(model: onnx.ModelProto) -> bytes:
    """The model's bytes, the same for the same model."""
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def constants_to_initializers(model: onnx.ModelProto) -> None:
    """Constant nodes that hold a tensor become initializers."""
    nodes = model.graph.node
    for node in [n for n in nodes if n.op_type == "Constant"]:
        if node.attribute[0].name == "value":
            tensor = node.attribute[0].t
            tensor.name = node.output[0]
            model.graph.initializer.append(tensor)
            nodes.remove(node)


def name_nodes(model: onnx.ModelProto) -> None:
    """Every node gets a name of its own, which the engine's layers then carry."""
    names: set[str] = set()
    for number, node in enumerate(model.graph.node):
        if not node.name or node.name in names:
            node.name = f"{node.op_type}_{number}"
        names.add(node.name)
