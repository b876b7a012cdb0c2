"""A first convolution for colour pictures, made one for grey frames."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def grey(weight: Tensor, factor: Sequence[float], offset: Sequence[float]) -> tuple[Tensor, Tensor]:
    """The same function of a grey frame, but for the border.

    The colour network wants `factor[c] * (g + 1) / 2 + offset[c]` in channel c, where g in
    [-1, 1] is the grey frame. At the border the padding is 0 in both, which is another grey.

    Args:
        weight: [out, 3, k, k].

    Returns:
        weight [out, 1, k, k], and what is added to the convolution's answer, [out].
    """
    a = torch.tensor(factor, dtype=torch.float64)[:, None, None] / 2
    b = torch.tensor(offset, dtype=torch.float64)[:, None, None]
    wide = weight.double()
    shift = (wide * (a + b)).sum((1, 2, 3))
    return (wide * a).sum(1, keepdim=True).to(weight.dtype), shift.to(weight.dtype)
