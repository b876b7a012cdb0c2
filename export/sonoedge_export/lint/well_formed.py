"""Is the graph what ONNX says a graph is? The rules read nodes without asking that again."""

from __future__ import annotations

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
        for node in model.graph.node:
            if node.domain in ("", "ai.onnx"):
                checker.check_node(node, context)
            if not node.output or (node.op_type in QUANTIZERS and len(node.input) < 2):
                raise checker.ValidationError(f"{node.op_type} {node.name} lacks tensors")
        for tensor in model.graph.initializer:
            if tensor.data_location != TensorProto.EXTERNAL:
                checker.check_tensor(tensor, context)
    # The checker's own message may hold the graph's bytes, which need not be text.
    except (checker.ValidationError, RuntimeError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InvalidNetwork(f"this is a malformed ONNX graph: {reason}") from None
