"""A slimmer copy of a network; the network itself is not touched."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from sonoedge.errors import InvalidNetwork
from sonoedge_export.prune.coupling import Coupling


def slimmed(
    network: nn.Module, example: Tensor, channels: Mapping[str, Sequence[int]]
) -> nn.Module:
    """A copy without these output channels, in evaluation mode.

    Args:
        example: an input, float32 [1, C, H, W].
        channels: indices by the name of a group's root (see `Coupling`).

    Raises:
        InvalidNetwork: the slim network does not run, or its outputs have other shapes;
            then the layer that makes them must be protected.
    """
    copied = copy.deepcopy(network).eval()
    Coupling(copied, example).remove(channels)
    for parameter in copied.parameters():
        parameter.grad = None
    before = shapes(network, example)
    try:
        after = shapes(copied, example)
    except (RuntimeError, ValueError) as error:
        raise InvalidNetwork(
            f"the pruned network does not run ({str(error)[:200]}); protect the layers at fault"
        ) from error
    if before != after:
        raise InvalidNetwork(
            f"pruning changed the network's outputs from {before} to {after}; protect the layers "
            "that make them"
        )
    return copied


def shapes(network: nn.Module, example: Tensor) -> list[tuple[int, ...]]:
    """The shapes of the network's outputs, in their order."""
    with torch.no_grad():
        return [tuple(t.shape) for t in _tensors(network.eval()(example))]


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, Mapping):
        return [t for v in value.values() for t in _tensors(v)]
    if isinstance(value, list | tuple):
        return [t for v in value for t in _tensors(v)]
    return []
