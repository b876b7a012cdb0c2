"""Rules about what stands around the convolutions, and about the file itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from onnx import TensorProto

from sonoedge_export.lint.rule import Place
from sonoedge_export.lint.view import View, attribute, title

STANDARD: Final = ("", "ai.onnx")
INTEGER_OPERATORS: Final = (
    *("QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger", "DynamicQuantizeLinear"),
    *("QGemm", "QLinearAdd"),
)
MODES: Final = (b"nearest", b"linear", b"cubic")
COORDINATES: Final = (
    *(b"half_pixel", b"pytorch_half_pixel", b"asymmetric", b"align_corners"),
    *(b"half_pixel_symmetric", b"tf_half_pixel_for_nn"),
)


def foreign_domain(view: View) -> Iterator[Place]:
    """T001."""
    for node in view.nodes:
        if node.domain not in STANDARD:
            yield title(node), f"{node.op_type} is of the domain {node.domain}"


def integer_operator(view: View) -> Iterator[Place]:
    """T002."""
    for node in view.of(*INTEGER_OPERATORS):
        yield title(node), f"{node.op_type} computes on integers"


def skip_not_quantized(view: View) -> Iterator[Place]:
    """T019."""
    for node in view.of("Add"):
        for tensor, second in (tuple(node.input), tuple(node.input)[::-1]):
            quantized = any(r.op_type == "QuantizeLinear" for r in view.readers[tensor])
            if quantized and not view.dequantized(second) and view.made_by(second, "Conv"):
                yield title(node), f"it reads {tensor}, which is quantized beside it, in float"


def both_quantized(view: View) -> Iterator[Place]:
    """T020."""
    for node in view.of("Add"):
        if len(node.input) == 2 and all(
            view.made_by(t, "DequantizeLinear") and not view.constant_weights(view.maker[t])
            for t in node.input
        ):
            yield title(node), "both its inputs are quantized"


def batch_norm(view: View) -> Iterator[Place]:
    """T021."""
    for node in view.of("BatchNormalization"):
        if view.made_by(node.input[0], "Conv", "DequantizeLinear"):
            yield title(node), "it is not folded into the convolution before it"


def concat_scales(view: View) -> Iterator[Place]:
    """T022."""
    for node in view.of("Concat"):
        scales = {view.scale(tensor) for tensor in node.input}
        if None not in scales and len(scales) > 1:
            yield title(node), f"its inputs have {len(scales)} scales"


def resize_mode(view: View) -> Iterator[Place]:
    """T023."""
    for node in view.of("Resize"):
        mode = attribute(node, "mode", b"nearest")
        coordinates = attribute(node, "coordinate_transformation_mode", b"half_pixel")
        if mode not in MODES or coordinates not in COORDINATES:
            mode_name, coordinates_name = (
                text.decode(errors="replace") for text in (mode, coordinates)
            )
            yield title(node), f"it resizes by {mode_name} with {coordinates_name}"


def dynamic_shape(view: View) -> Iterator[Place]:
    """T024."""
    for value in (*view.graph.input, *view.graph.output):
        dims = value.type.tensor_type.shape.dim
        dynamic = [k for k, d in enumerate(dims) if not d.HasField("dim_value")]
        if dynamic:
            yield value.name, f"dimension {dynamic[0]} is not fixed"


def weights_elsewhere(view: View) -> Iterator[Place]:
    """T028."""
    for tensor in view.constants.values():
        if tensor.data_location == TensorProto.EXTERNAL:
            yield tensor.name, "its data lies in another file"
