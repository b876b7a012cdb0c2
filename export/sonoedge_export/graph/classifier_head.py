"""How a classifier comes from features to logits: found by trial on an example, and so proven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sonoedge.errors import InvalidNetwork


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a classifier.

    Attributes:
        features: the module whose output, [B, K, h, w], the head is given.
        pooled: the head is given its mean over h and w; otherwise all of it, flattened.
        layers: names of the linear layers, the one that makes the logits last; between
            two of them is a ReLU, and nothing else that works when not training.
    """

    features: str
    pooled: bool
    layers: tuple[str, ...]

    def modules(self, network: nn.Module) -> list[nn.Linear]:
        """The linear layers themselves."""
        found = [network.get_submodule(name) for name in self.layers]
        return [m for m in found if isinstance(m, nn.Linear)]


def find_head(network: nn.Module, example: Tensor) -> Head:
    """Find the head of a classifier.

    Raises:
        InvalidNetwork: the network does not end in linear layers with ReLU between them, fed
            by features that are averaged or flattened.
    """
    linears, maps = _watch(network, example)
    if not linears:
        raise InvalidNetwork("the classifier has no linear layer to make an activation map from")
    chain = [linears[-1]]
    for earlier in reversed(linears[:-1]):
        if not _same(F.relu(earlier[2]), chain[0][1]):
            break
        chain.insert(0, earlier)
    given = chain[0][1]
    for name, value in reversed(maps):
        for pooled, fed in ((True, value.mean((2, 3))), (False, value.flatten(1))):
            if min(value.shape[2:]) > 1 and _same(fed, given):
                return Head(features=name, pooled=pooled, layers=tuple(c[0] for c in chain))
    raise InvalidNetwork(
        "the classifier does not end in features, averaged (global average pooling) or flattened, "
        "and linear layers with ReLU between them, so its activation map is not defined; give "
        "outputs.lesion_map"
    )


def _watch(
    network: nn.Module, example: Tensor
) -> tuple[list[tuple[str, Tensor, Tensor]], list[tuple[str, Tensor]]]:
    """Linear layers' inputs and outputs, and all maps, in the order in which they are made."""
    linears: list[tuple[str, Tensor, Tensor]] = []
    maps: list[tuple[str, Tensor]] = []
    hooks = []
    for name, module in network.named_modules():

        def keep(m: nn.Module, args: Sequence[Any], out: Any, name: str = name) -> None:
            if isinstance(m, nn.Linear):
                linears.append((name, args[0].detach().clone(), out.detach().clone()))
            elif isinstance(out, Tensor) and out.ndim == 4:
                maps.append((name, out.detach().clone()))

        if name:
            hooks.append(module.register_forward_hook(keep))
    with torch.no_grad():
        network(example)
    for hook in hooks:
        hook.remove()
    return linears, maps


def _same(a: Tensor, b: Tensor) -> bool:
    return a.numel() == b.numel() and torch.allclose(a.flatten(), b.flatten(), rtol=1e-4, atol=1e-5)
