"""A small network with a skip connection, a concatenation and three heads."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv(cin: int, cout: int, stride: int = 1) -> nn.Sequential:
    """Convolution, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True)
    )


class Small(nn.Module):
    """Maps at half the input's size."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(1, 48, 2)
        self.inner = conv(48, 64)
        self.outer = nn.Sequential(nn.Conv2d(64, 48, 3, 1, 1, bias=False), nn.BatchNorm2d(48))
        self.down = conv(48, 40, 2)
        self.mix = conv(48 + 40, 32)
        self.lesion = nn.Conv2d(32, 1, 1)
        self.malignancy = nn.Conv2d(32, 1, 1)
        self.frame = nn.Linear(40, 3)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        fine = self.stem(x)
        fine = F.relu(fine + self.outer(self.inner(fine)))
        coarse = self.down(fine)
        mixed = self.mix(torch.cat([fine, F.interpolate(coarse, scale_factor=2.0)], 1))
        return {
            "lesion": self.lesion(mixed),
            "malignancy": self.malignancy(mixed),
            "frame": self.frame(coarse.mean((2, 3))),
        }


def small() -> nn.Module:
    """The network, its weights drawn from a fixed seed, its statistics unlike the default."""
    torch.manual_seed(0)
    network = Small()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.2, 0.2)
            module.running_mean.uniform_(-0.2, 0.2)  # type: ignore[union-attr]
    return network.eval()
