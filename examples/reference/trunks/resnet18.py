"""ResNet-18 as far as 1/16 of the resolution (He et al. 2016, arXiv:1512.03385).

Names are torchvision's, so that its state dict fits. Its stem takes one grey channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.checkpoint import fill

from .stem import grey

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of torchvision's pictures
UNUSED = ("layer4.", "fc.")


class Block(nn.Module):
    """Two convolutions beside the identity, or beside a projection."""

    def __init__(self, cin: int, cout: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.downsample = (
            nn.Identity()
            if cin == cout
            else nn.Sequential(
                nn.Conv2d(cin, cout, 1, stride, bias=False),
                nn.BatchNorm2d(cout),
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.downsample(x))


class ResNet18(nn.Module):
    """See the module's docstring: 2.78 M parameters."""

    channels: ClassVar[tuple[int, ...]] = (64, 64, 128, 256)

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(Block(64, 64, 1), Block(64, 64, 1))
        self.layer2 = nn.Sequential(Block(64, 128, 2), Block(128, 128, 1))
        self.layer3 = nn.Sequential(Block(128, 256, 2), Block(256, 256, 1))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features at 1/2, 1/4, 1/8 and 1/16."""
        one = F.relu(self.bn1(self.conv1(x)))
        two = self.layer1(F.max_pool2d(one, 3, 2, 1))
        three = self.layer2(two)
        return [one, two, three, self.layer3(three)]

    def take(self, state: Mapping[str, Tensor]) -> None:
        """Fill with torchvision's state dict, or with one whose normalisation is folded.

        Raises:
            InvalidNetwork: it is neither; says what does not fit.
        """
        kept = {n: t for n, t in state.items() if not n.startswith(UNUSED)}
        if "conv1.bias" in kept:
            kept = unfolded(kept)
        stem = kept.get("conv1.weight")
        if stem is None or stem.shape != (64, 3, 7, 7):
            what = "missing" if stem is None else f"of shape {tuple(stem.shape)}"
            raise InvalidNetwork(
                f"these weights are no ResNet-18 of colour pictures: conv1.weight is {what}"
            )
        if "bn1.running_mean" in kept:
            factor, offset = [1 / s for s in STD], [-m / s for m, s in zip(MEAN, STD, strict=True)]
            kept["conv1.weight"], shift = grey(stem, factor, offset)
            kept["bn1.running_mean"] = kept["bn1.running_mean"] - shift
        fill(self, kept)


def unfolded(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A batch normalisation behind each convolution that adds its bias and no more."""
    result = {n: t for n, t in state.items() if not n.endswith(".bias")}
    for name, bias in state.items():
        if not name.endswith(".bias"):
            continue
        convolution = name.removesuffix(".bias")
        stem, _, last = convolution.rpartition(".")
        behind = "1" if stem.endswith("downsample") else last.replace("conv", "bn")
        norm = f"{stem}.{behind}" if stem else behind
        result |= {
            f"{norm}.weight": torch.ones_like(bias),
            f"{norm}.bias": bias,
            f"{norm}.running_mean": torch.zeros_like(bias),
            f"{norm}.running_var": torch.ones_like(bias) - 1e-5,  # of which eps makes 1
        }
    return result
