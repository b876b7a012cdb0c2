"""SqueezeNet 1.1 for grey pictures: fire modules, and a convolution in place of a linear layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Squeezed and expanded channels of each fire module; None where pooling halves the picture.
FIRES = (
    *((16, 64), (16, 64), None),
    *((32, 128), (32, 128), None),
    *((48, 192), (48, 192), (64, 256), (64, 256)),
)


class Fire(nn.Module):
    """Few channels, and from these many: half by 1 x 1 and half by 3 x 3 convolutions."""

    def __init__(self, channels: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Features, [B, 2 x expanded, h, w]."""
        x = self.relu(self.squeeze(x))
        return torch.cat([self.relu(self.expand1x1(x)), self.relu(self.expand3x3(x))], 1)


def squeezenet(classes: int = 2, channels: int = 1) -> nn.Module:
    """SqueezeNet (Iandola et al. 2016, arXiv:1602.07360), release 1.1; logits, [B, classes].

    Its last convolution makes a map per class, whose mean is the logit.
    """
    layers: list[nn.Module] = [nn.Conv2d(channels, 64, 3, 2), nn.ReLU()]
    layers.append(nn.MaxPool2d(3, 2, ceil_mode=True))
    width = 64
    for fire in FIRES:
        if fire is None:
            layers.append(nn.MaxPool2d(3, 2, ceil_mode=True))
        else:
            layers.append(Fire(width, *fire))
            width = 2 * fire[1]
    head = (nn.Dropout(), nn.Conv2d(width, classes, 1), nn.ReLU())
    return nn.Sequential(*layers, *head, nn.AdaptiveAvgPool2d(1), nn.Flatten())
