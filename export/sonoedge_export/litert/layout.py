"""ONNX keeps a picture's channels before its rows, LiteRT behind its columns.

What has four dimensions changes its layout; everything else stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge.errors import RuntimeUnavailable

RANK: Final = 4
AXES: Final = {0: 0, 1: 3, 2: 1, 3: 2}


def shape(onnx_shape: Sequence[int]) -> tuple[int, ...]:
    """LiteRT's shape of a tensor that has this one in ONNX."""
    sizes = tuple(onnx_shape)
    return (sizes[0], *sizes[2:], sizes[1]) if len(sizes) == RANK else sizes


def axis(onnx_axis: int, rank: int) -> int:
    """LiteRT's number of an axis."""
    positive = onnx_axis % rank
    return AXES[positive] if rank == RANK else positive


def constant(value: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A constant of four dimensions in LiteRT's layout."""
    return np.moveaxis(value, 1, -1) if value.ndim == RANK else value


def broadcastable(value: npt.NDArray[Any], rank: int) -> npt.NDArray[Any]:
    """A constant that is joined with a tensor of so many dimensions, in LiteRT's layout."""
    if value.size == 1:
        return value.reshape(())
    if rank == RANK:
        value = value.reshape((1,) * (RANK - value.ndim) + value.shape)
    return constant(value)


def same_order(sizes: Sequence[int]) -> bool:
    """Whether a tensor's values lie in the same order in both layouts."""
    return len(sizes) != RANK or sizes[1] == 1 or (sizes[2] == 1 and sizes[3] == 1)


def refuse(node: Any, why: str) -> RuntimeUnavailable:
    """What an operator is refused with, which is not written for LiteRT."""
    return RuntimeUnavailable(
        f"{node.op_type} ({node.name or node.output[0]}) is not written for LiteRT: {why}"
    )
