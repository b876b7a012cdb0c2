"""ONNX pads by numbers; LiteRT knows none, and as much as keeps the size (more behind)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx

from sonoedge_export.lint.view import attribute
from sonoedge_export.litert.draft import Draft
from sonoedge_export.litert.layout import refuse
from sonoedge_export.litert.model_file import Scales


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How a kernel goes over a picture; each for rows and columns.

    Attributes:
        before, behind: rows and columns that are added.
    """

    kernel: tuple[int, int]
    strides: tuple[int, int]
    dilations: tuple[int, int]
    before: tuple[int, int]
    behind: tuple[int, int]

    @property
    def padded(self) -> bool:
        """Whether anything is added."""
        return any((*self.before, *self.behind))

    def is_same(self, sizes: Sequence[int]) -> bool:
        """Whether LiteRT's SAME adds just this to a picture of these rows and columns."""
        for size, kernel, stride, dilation, before, behind in zip(
            sizes,
            self.kernel,
            self.strides,
            self.dilations,
            self.before,
            self.behind,
            strict=True,
        ):
            reach = (kernel - 1) * dilation + 1
            total = max((-(-size // stride) - 1) * stride + reach - size, 0)
            if (before, behind) != (total // 2, total - total // 2):
                return False
        return True


def window(node: onnx.NodeProto, kernel: Sequence[int]) -> Window:
    """The window of a convolution or a pooling.

    Raises:
        RuntimeUnavailable: it is not two-dimensional, or rounds its size up.
    """
    if len(kernel) != 2 or attribute(node, "auto_pad", b"NOTSET") != b"NOTSET":
        raise refuse(node, "only two dimensions with pads in numbers are")
    if attribute(node, "ceil_mode", 0):
        raise refuse(node, "ceil_mode is not")
    pads = attribute(node, "pads", [0, 0, 0, 0])
    rows, columns = kernel
    return Window(
        kernel=(rows, columns),
        strides=tuple(attribute(node, "strides", [1, 1])),
        dilations=tuple(attribute(node, "dilations", [1, 1])),
        before=(pads[0], pads[1]),
        behind=(pads[2], pads[3]),
    )


def zeros_around(
    draft: Draft, number: int, window: Window, name: str, scales: Scales | None = None
) -> int:
    """The tensor with zeros around it; the zeros of its scale where it is int8."""
    if not window.padded:
        return number
    batch, rows, columns, channels = draft.file.shapes[number]
    (top, left), (bottom, right) = window.before, window.behind
    table = np.array([[0, 0], [top, bottom], [left, right], [0, 0]], dtype=np.int32)
    amounts = draft.file.tensor(f"{name}_pads", table.shape, "int32", data=table)
    sizes = (batch, rows + top + bottom, columns + left + right, channels)
    dtype = "float32" if scales is None else "int8"
    padded = draft.file.tensor(f"{name}_padded", sizes, dtype, scales=scales)
    draft.file.operator("PAD", [number, amounts], padded, "PadOptions")
    return padded


def placed(
    draft: Draft, number: int, window: Window, name: str, scales: Scales | None = None
) -> tuple[int, int]:
    """The input and the padding of an operator that takes zeros around its input."""
    kinds = draft.file.schema.Padding
    if window.padded and window.is_same(draft.file.shapes[number][1:3]):
        return number, kinds.SAME
    return zeros_around(draft, number, window, name, scales), kinds.VALID
