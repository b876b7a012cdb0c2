"""What lies around: the whole frame for finding, the lesion and its margin for grading.

Both begin as nothing: their last convolution is zero, so that a network trained without them
goes on from where it was.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MARGIN = 5  # cells of 1/8 of the resolution across the neighbourhood of which the margin is made
WINDOW = 7  # cells of 1/16 of the resolution: one lesion's grade does not reach another's
LEAST = 0.02  # share of the window: below it, features of next to no lesion fade


def silent(cin: int, cout: int) -> nn.Conv2d:
    """A convolution of 1 x 1 that answers 0 until it is trained."""
    layer = nn.Conv2d(cin, cout, 1)
    nn.init.zeros_(layer.weight)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


class Context(nn.Module):
    """Add to the coarsest features what their mean over the frame says (Liu et al. 2015,
    arXiv:1506.04579)."""

    def __init__(self, channels: int, width: int = 64) -> None:
        super().__init__()
        self.read = nn.Conv2d(channels, width, 1)
        self.write = silent(width, channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.write(F.relu(self.read(F.adaptive_avg_pool2d(x, 1))))


class Surroundings(nn.Module):
    """A grade from the mean features of a lesion and of its margin.

    A pixel of a lesion is graded alone by the map that this adds to; a radiologist reads the
    outline and what surrounds it as well. The means are taken in a window, so that two
    lesions that are far apart are graded apart. Plain operators alone: pooling, product,
    quotient.
    """

    def __init__(self, channels: int, width: int = 64) -> None:
        super().__init__()
        self.read = nn.Conv2d(2 * channels, width, 1)
        self.write = silent(width, 1)

    def forward(self, features: Tensor, lesion: Tensor) -> Tensor:
        """Log-odds to add, [B, 1, H/8, W/8].

        Args:
            features: [B, channels, H/8, W/8].
            lesion: its log-odds, [B, 1, H/2, W/2]; the grade does not teach the outline.
        """
        inside = F.avg_pool2d(torch.sigmoid(lesion.detach()), 4)
        margin = F.max_pool2d(inside, MARGIN, 1, MARGIN // 2) - inside
        both = torch.cat([mean_over(features, inside), mean_over(features, margin)], 1)
        return F.interpolate(self.write(F.relu(self.read(both))), scale_factor=2.0, mode="nearest")


def mean_over(features: Tensor, weight: Tensor) -> Tensor:
    """The weighted mean of the features in the window around each cell of 1/16."""
    return windowed(features * weight) / (windowed(weight) + LEAST)


def windowed(x: Tensor) -> Tensor:
    return F.avg_pool2d(F.avg_pool2d(x, 2), WINDOW, 1, WINDOW // 2)
