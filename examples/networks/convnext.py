"""ConvNeXt for grey pictures: large depth-wise filters, layer norm, GELU and layer scale."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LayerNorm2d(nn.LayerNorm):
    """Layer norm over the channels of each pixel."""

    def forward(self, x: Tensor) -> Tensor:
        """Features, [B, C, h, w]."""
        last = x.permute(0, 2, 3, 1)
        normed = F.layer_norm(last, self.normalized_shape, self.weight, self.bias, self.eps)
        return normed.permute(0, 3, 1, 2)


class Block(nn.Module):
    """Filter each channel, then mix each pixel's channels; added to what came in."""

    def __init__(self, channels: int, layer_scale: float) -> None:
        super().__init__()
        self.filters = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.expand = nn.Linear(channels, 4 * channels)
        self.project = nn.Linear(4 * channels, channels)
        self.layer_scale = nn.Parameter(torch.full((channels, 1, 1), layer_scale))

    def forward(self, x: Tensor) -> Tensor:
        """Features, of the shape given."""
        pixels = self.norm(self.filters(x).permute(0, 2, 3, 1))
        mixed = self.project(F.gelu(self.expand(pixels)))
        return x + self.layer_scale * mixed.permute(0, 3, 1, 2)


def convnext(
    depths: Sequence[int] = (2, 2, 6, 2),
    widths: Sequence[int] = (64, 128, 256, 512),
    classes: int = 2,
    channels: int = 1,
    layer_scale: float = 1e-6,
) -> nn.Module:
    """ConvNeXt (Liu et al. 2022, arXiv:2201.03545), of the size Pico; logits, [B, classes].

    Layer norm stands between the average of the features and the linear layer.

    Args:
        depths: blocks of each stage.
        widths: channels of each stage.
        layer_scale: how much of a block is added before training.
    """
    layers: list[nn.Module] = [nn.Conv2d(channels, widths[0], 4, 4)]
    layers.append(LayerNorm2d(widths[0], eps=1e-6))
    given = widths[0]
    for depth, width in zip(depths, widths, strict=True):
        if width != given:
            layers += [LayerNorm2d(given, eps=1e-6), nn.Conv2d(given, width, 2, 2)]
        layers += [Block(width, layer_scale) for _ in range(depth)]
        given = width
    head = (LayerNorm2d(given, eps=1e-6), nn.Flatten(), nn.Linear(given, classes))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), *head)
