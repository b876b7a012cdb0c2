"""Bring a user's ONNX graph to the operator set that every engine reads, its meaning kept."""

from __future__ import annotations

from typing import Final

import onnx
from onnx import helper, version_converter

from sonoedge.errors import InvalidNetwork
from sonoedge_export.onnx_graph import OPSET

# The newest operator set that an intermediate representation of version 10 may carry.
NEWEST: Final = 21
# Before it, Upsample and Resize had no attribute for what they now call "asymmetric".
RESIZE_WITH_MODES: Final = 11


def to_opset(model: onnx.ModelProto, opset: int, file: str) -> onnx.ModelProto:
    """The model in another operator set.

    Raises:
        InvalidNetwork: an operator has no counterpart there; says what to do.
    """
    try:
        converted = version_converter.convert_version(model, opset)
    except (RuntimeError, ValueError, IndexError) as error:
        raise InvalidNetwork(
            f"{file} has operator set {version(model)}, and an operator that cannot be brought to "
            f"{opset}; export it again with operator set {OPSET}"
        ) from error
    if version(model) < RESIZE_WITH_MODES <= opset:
        for node in converted.graph.node:
            if node.op_type == "Resize":
                _asymmetric(node)
    return converted


def nearest_opset(model: onnx.ModelProto, file: str) -> onnx.ModelProto:
    """The model in operator set 18; where it is newer and has what 18 lacks, as it is.

    Raises:
        InvalidNetwork: neither is possible.
    """
    own = version(model)
    if own == OPSET:
        return model
    try:
        return to_opset(model, OPSET, file)
    except InvalidNetwork:
        if OPSET < own <= NEWEST:
            return model
        raise


def version(model: onnx.ModelProto) -> int:
    """The operator set of the standard domain."""
    return max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=1)


def _asymmetric(node: onnx.NodeProto) -> None:
    """What Upsample and Resize of operator sets 7 to 10 compute; onnx's converter writes
    half-pixel centres in its place (onnx/onnx issue 8480)."""
    modes = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    kept = [a for a in node.attribute if a.name not in modes]
    del node.attribute[:]
    node.attribute.extend([*kept, *(helper.make_attribute(k, v) for k, v in modes.items())])
