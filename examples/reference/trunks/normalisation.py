"""Batch statistics of the frames that a network will see, at unchanged answers."""

from __future__ import annotations

import torch
from torch import Tensor, nn


@torch.no_grad()
def reestimate(network: nn.Module, frames: Tensor) -> None:
    """Set each batch normalisation's mean and variance to what the frames put into it.

    Weight and bias make up for it, so that evaluation answers as before, and training, which
    normalises by the batch, begins as the same function. Published weights carry the
    statistics of photographs, or none where normalisation was folded.

    Args:
        frames: float32 [B, 1, H, W] in [-1, 1]; 128 are enough.
    """

    def before(layer: nn.Module, taken: tuple[Tensor]) -> None:
        assert isinstance(layer, nn.BatchNorm2d)
        assert layer.running_mean is not None
        assert layer.running_var is not None
        variance, mean = torch.var_mean(taken[0].float(), (0, 2, 3), correction=0)
        scale = layer.weight.double() / (layer.running_var.double() + layer.eps).sqrt()
        shift = layer.bias.double() - scale * layer.running_mean.double()
        layer.weight.copy_(scale * (variance.double() + layer.eps).sqrt())
        layer.bias.copy_(shift + scale * mean.double())
        layer.running_mean.copy_(mean)
        layer.running_var.copy_(variance)

    training = network.training
    layers = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    hooks = [layer.register_forward_pre_hook(before) for layer in layers]
    try:
        network.eval()
        network(frames)
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
