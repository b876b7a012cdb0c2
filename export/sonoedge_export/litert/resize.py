"""Enlarging a picture: repeated pixels in int8, in operators that are fast; bilinear in float."""

from __future__ import annotations

import numpy as np
import onnx

from sonoedge_export.lint.view import attribute
from sonoedge_export.litert.draft import Draft
from sonoedge_export.litert.layout import refuse
from sonoedge_export.litert.model_file import Scales


def resize(draft: Draft, node: onnx.NodeProto) -> None:
    """RESIZE_BILINEAR, or pixels repeated a whole number of times."""
    before, after = draft.shape(node.input[0]), draft.shape(node.output[0])
    if len(before) != 4 or before[:2] != after[:2]:
        raise refuse(node, "only rows and columns are resized")
    mode = attribute(node, "mode", b"nearest")
    way = attribute(node, "coordinate_transformation_mode", b"half_pixel")
    if attribute(node, "antialias", 0):
        raise refuse(node, "antialias is not")
    if mode == b"linear" and way in (b"half_pixel", b"pytorch_half_pixel", b"align_corners"):
        _bilinear(draft, node, way)
        return
    rows, columns = (b // a for a, b in zip(before[2:], after[2:], strict=True))
    whole = (before[2] * rows, before[3] * columns) == after[2:]
    floor = way == b"asymmetric" and attribute(node, "nearest_mode", b"") == b"floor"
    if mode != b"nearest" or not whole or not (floor or way == b"half_pixel"):
        raise refuse(node, "only bilinear, and the nearest of a whole factor, are")
    integers, scales = draft.integers(node.input[0]), draft.rounded(node.output[0])
    if integers is None or scales is None:
        number = draft.number(node.input[0])
        draft.put(node.output[0], _repeated(draft, number, rows, columns, node.name, None))
        return
    # Repeating and rescaling may change places: there are fewer values before.
    number = draft.requantized(integers, scales, node.name)
    output = _repeated(draft, number, rows, columns, node.name, scales)
    draft.take_integers(node.output[0], output, scales)


def _bilinear(draft: Draft, node: onnx.NodeProto, way: bytes) -> None:
    sizes = np.array(draft.shape(node.output[0])[2:], dtype=np.int32)
    table = draft.file.tensor(f"{node.name}_size", sizes.shape, "int32", data=sizes)
    output = draft.new(node.output[0])
    corners = way == b"align_corners"
    draft.file.operator(
        "RESIZE_BILINEAR",
        [draft.number(node.input[0]), table],
        output,
        "ResizeBilinearOptions",
        alignCorners=corners,
        halfPixelCenters=not corners,
    )
    draft.put(node.output[0], output)


def _repeated(
    draft: Draft, number: int, rows: int, columns: int, name: str, scales: Scales | None
) -> int:
    """Pixels repeated: four copies of the channels become a block of 2 x 2 pixels.

    LiteRT's own RESIZE_NEAREST_NEIGHBOR is off the fast path: each one would leave it and
    come back.
    """
    dtype = "float32" if scales is None else "int8"
    while rows % 2 == 0 and columns % 2 == 0:
        batch, height, width, channels = draft.file.shapes[number]
        copies = draft.file.tensor(
            f"{name}_copies", (batch, height, width, 4 * channels), dtype, scales=scales
        )
        kind = "ConcatenationOptions"
        draft.file.operator("CONCATENATION", [number] * 4, copies, kind, axis=3)
        sizes = (batch, 2 * height, 2 * width, channels)
        output = draft.file.tensor(f"{name}_twice", sizes, dtype, scales=scales)
        draft.file.operator("DEPTH_TO_SPACE", [copies], output, "DepthToSpaceOptions", blockSize=2)
        number, rows, columns = output, rows // 2, columns // 2
    if rows == columns == 1:
        return number
    batch, height, width, channels = draft.file.shapes[number]
    sizes = (batch, height * rows, width * columns, channels)
    size = np.array(sizes[1:3], dtype=np.int32)
    table = draft.file.tensor(f"{name}_size", size.shape, "int32", data=size)
    output = draft.file.tensor(f"{name}_repeated", sizes, dtype, scales=scales)
    code, options = "RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions"
    draft.file.operator(code, [number, table], output, options)
    return output
