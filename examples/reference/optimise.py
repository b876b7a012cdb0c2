"""Steps of a training: how large, of which weights, and the mean that follows them."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

DECAY = 0.02  # of weights of two or more dimensions


def learning_rate(progress: float, peak: float) -> float:
    """Linear warm-up over 5 %, then a half cosine to zero (Loshchilov and Hutter 2017)."""
    if progress < 0.05:
        return peak * (0.05 + 0.95 * progress / 0.05)
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - 0.05) / 0.95))


def parameter_groups(network: nn.Module, peak: float, trunk_peak: float) -> list[dict[str, Any]]:
    """AdamW's groups, each with its `peak` learning rate: the trunk, if any, and the rest."""
    named = [(n.startswith("trunk."), p) for n, p in network.named_parameters()]
    return [
        {
            "params": [p for t, p in named if t is of_trunk and (p.ndim > 1) is wide],
            "weight_decay": DECAY if wide else 0.0,
            "peak": trunk_peak if of_trunk else peak,
        }
        for of_trunk in sorted({t for t, _ in named})
        for wide in (True, False)
    ]


@torch.no_grad()
def follow(means: list[nn.Module], networks: list[nn.Module], keep: float) -> None:
    """The means move towards the weights."""
    for mean, net in zip(means, networks, strict=True):
        pairs = list(zip(mean.state_dict().values(), net.state_dict().values(), strict=True))
        real = [(a, b) for a, b in pairs if a.is_floating_point()]
        torch._foreach_lerp_([a for a, _ in real], [b for _, b in real], 1 - keep)
        for a, b in pairs:
            if not a.is_floating_point():
                a.copy_(b)
