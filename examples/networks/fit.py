"""Weights for a network that nobody trained: seeded, with only its last layer fitted.

Batch norm learns its statistics from the frames, and the last layer tells classes apart by
their means over what the random layers before it make of the frames. So numbers stay in
the range in which a trained network's are, and suspicions are spread over [0, 1]: an
engine that computes wrongly is seen. How well it finds lesions is of no interest, and
is not reported.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SPREAD = 3.0  # standard deviation of the last class's logit above the first one's


def seed(network: nn.Module) -> None:
    """Scale the weights of a network without batch norm so that signals keep their size."""
    if any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in network.modules()):
        return
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def fit(network: nn.Module, pictures: Tensor, classes: Tensor) -> nn.Module:
    """Set batch norm's statistics and the last layer.

    Args:
        pictures: float32 [N, 1, H, W], as the network takes them.
        classes: int64 [N], a class per frame; or [N, H, W], one per pixel.
    """
    with torch.no_grad():
        _statistics(network, pictures[:16])
        last = _last(network, pictures[:1])
        seen: list[Tensor] = []
        hook = last.register_forward_hook(lambda m, args, out: seen.append(args[0]))
        for picture in pictures:
            network(picture[None])
        hook.remove()
        if isinstance(last, nn.Linear):
            features, wanted = torch.cat(seen), classes
        elif classes.ndim == 1:  # its map is averaged: so are its features, for it is linear
            features, wanted = torch.cat([given.mean((2, 3)) for given in seen]), classes
        else:
            features, wanted = _pixels(last, seen, classes)
        _centroids(last, features, wanted)
    return network.eval()


def _statistics(network: nn.Module, pictures: Tensor) -> None:
    network.eval()
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.reset_running_stats()
            module.momentum = None
            module.train()
    network(pictures)
    network.eval()


def _last(network: nn.Module, picture: Tensor) -> nn.Linear | nn.Conv2d:
    """The layer with weights that is run last."""
    run: list[nn.Linear | nn.Conv2d] = []
    layers = [m for m in network.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    hooks = [m.register_forward_hook(lambda m, args, out: run.append(m)) for m in layers]
    network(picture)
    for hook in hooks:
        hook.remove()
    return run[-1]


def _pixels(last: nn.Conv2d, seen: Sequence[Tensor], classes: Tensor) -> tuple[Tensor, Tensor]:
    """Some pixels of each class, as the last convolution sees them."""
    draw = torch.Generator().manual_seed(0)
    features, wanted = [], []
    for given, truth in zip(seen, classes, strict=True):
        patches = F.unfold(given, last.kernel_size, padding=last.padding)[0].T  # type: ignore[arg-type]
        flat = truth.flatten()
        for c in flat.unique():
            index = torch.nonzero(flat == c)[:, 0]
            index = index[torch.randperm(len(index), generator=draw)[:200]]
            features.append(patches[index])
            wanted.append(flat[index])
    return torch.cat(features), torch.cat(wanted)


def _centroids(last: nn.Linear | nn.Conv2d, features: Tensor, wanted: Tensor) -> None:
    """A class's logit: how far a frame lies from the middle towards the class's own mean."""
    x = features.double()
    middle = x.mean(0)
    means = [x[wanted == c].mean(0) - middle for c in range(_out(last))]
    weight = torch.stack(means)
    logits = (x - middle) @ weight.T
    weight *= SPREAD / (logits[:, -1] - logits[:, 0]).std()
    assert last.bias is not None
    last.weight.copy_(weight.reshape(last.weight.shape))
    last.bias.copy_(-(weight @ middle))


def _out(last: nn.Linear | nn.Conv2d) -> int:
    return last.out_features if isinstance(last, nn.Linear) else last.out_channels
