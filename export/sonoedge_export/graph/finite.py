"""A flag among the graph's outputs: was every number that the network gave a number at all?

Maps leave the graph as uint8, which cannot hold NaN: a network whose arithmetic broke would
answer with levels like any other, most often with 0, which reads as "nothing found". So the
graph says itself whether its raw outputs were finite, before they become levels. What an
engine hides within the network (a ReLU may turn NaN into 0) the flag cannot see, nor what
8-bit integers cannot hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

# A mean beyond it is taken for infinite: no logit is so large.
LARGEST: Final = 1e30


def finite_flag(raw: Sequence[Tensor]) -> Tensor:
    """1 where all numbers are finite, 0 otherwise: uint8 [1].

    A mean takes on NaN and infinity from any of its terms, and every engine compares a NaN
    as false (IEEE 754). No node here is of a kind that quantizers calibrate.

    Args:
        raw: the network's outputs, floating point, [1, ...].
    """
    finite = torch.ones(1, dtype=torch.bool)
    for number, tensor in enumerate(raw):
        mean = tensor.to(torch.float32).mean(dim=tuple(range(1, tensor.ndim)))
        below = mean.abs() < LARGEST
        finite = below if number == 0 else finite & below
    # By way of float: TensorRT casts no bool to uint8.
    return finite.to(torch.float32).to(torch.uint8)
