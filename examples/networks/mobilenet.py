"""MobileNetV3-Small for grey pictures: inverted residuals with squeeze-and-excitation."""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn

Norm = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01)

# Kernel, expanded and output channels, squeeze-and-excitation, hard swish, stride: Table 2.
BLOCKS = (
    (3, 16, 16, True, False, 2),
    (3, 72, 24, False, False, 2),
    (3, 88, 24, False, False, 1),
    (5, 96, 40, True, True, 2),
    (5, 240, 40, True, True, 1),
    (5, 240, 40, True, True, 1),
    (5, 120, 48, True, True, 1),
    (5, 144, 48, True, True, 1),
    (5, 288, 96, True, True, 2),
    (5, 576, 96, True, True, 1),
    (5, 576, 96, True, True, 1),
)


class SqueezeExcite(nn.Module):
    """Weigh channels by their means over the picture (Hu et al. 2018, arXiv:1709.01507)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        squeezed = _multiple_of_8(channels / 4)
        self.weigh = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            *(nn.Conv2d(channels, squeezed, 1), nn.ReLU()),
            *(nn.Conv2d(squeezed, channels, 1), nn.Hardsigmoid()),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Features, of the shape given."""
        weighed: Tensor = x * self.weigh(x)
        return weighed


class InvertedResidual(nn.Module):
    """Expand, filter each channel, weigh, project; added to what came in where shapes agree."""

    def __init__(
        self,
        channels: int,
        *,
        kernel: int,
        expanded: int,
        out: int,
        excite: bool,
        hard_swish: bool,
        stride: int,
    ) -> None:
        super().__init__()
        activation = nn.Hardswish if hard_swish else nn.ReLU
        layers: list[nn.Module] = []
        if expanded != channels:
            layers += [nn.Conv2d(channels, expanded, 1, bias=False), Norm(expanded), activation()]
        filters = nn.Conv2d(
            expanded, expanded, kernel, stride, kernel // 2, groups=expanded, bias=False
        )
        layers += [filters, Norm(expanded), activation()]
        if excite:
            layers.append(SqueezeExcite(expanded))
        layers += [nn.Conv2d(expanded, out, 1, bias=False), Norm(out)]
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and channels == out

    def forward(self, x: Tensor) -> Tensor:
        """Features, [B, out, h / stride, w / stride]."""
        made: Tensor = self.layers(x)
        return x + made if self.residual else made


def mobilenet_v3_small(classes: int = 2, channels: int = 1) -> nn.Module:
    """MobileNetV3-Small (Howard et al. 2019, arXiv:1905.02244); logits, [B, classes].

    Features are averaged and go through a hidden linear layer with hard swish. As in the
    published weights, the last 1 x 1 convolution has no squeeze-and-excitation.
    """
    layers: list[nn.Module] = [nn.Conv2d(channels, 16, 3, 2, 1, bias=False), Norm(16)]
    layers.append(nn.Hardswish())
    width = 16
    for kernel, expanded, out, excite, hard_swish, stride in BLOCKS:
        block = InvertedResidual(
            width,
            kernel=kernel,
            expanded=expanded,
            out=out,
            excite=excite,
            hard_swish=hard_swish,
            stride=stride,
        )
        layers.append(block)
        width = out
    layers += [nn.Conv2d(width, 576, 1, bias=False), Norm(576), nn.Hardswish()]
    head = (nn.Linear(576, 1024), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(1024, classes))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), *head)


def _multiple_of_8(channels: float) -> int:
    """The nearest multiple of 8 that is at least nine tenths of this."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest
