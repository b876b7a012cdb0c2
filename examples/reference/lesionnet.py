"""LesionNet: a compact U-Net that finds lesions and grades each of them.

An encoder with residual blocks (He et al. 2016, arXiv:1512.03385), or one of `trunks`
whose weights were pretrained elsewhere, and a decoder that adds lateral connections
(Lin et al. 2017, arXiv:1612.03144). All convolutions of LesionNet's own are dense and,
but for the first and the last, have channels in multiples of 16, the block size of int8
hardware. Nothing is computed at full resolution: the maps come at half the input's height
and width.
"""

from __future__ import annotations

import itertools
from typing import TypedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from surroundings import Context, Surroundings
from trunks import TRUNKS, Trunk


class Logits(TypedDict):
    """What LesionNet answers for a batch of B frames of H x W pixels.

    lesion: float32 [B, 1, H/2, W/2], lesion against background.
    malignancy: float32 [B, 1, H/2, W/2], malignant against benign, meant to be
        read inside a lesion.
    frame: float32 [B, 3], the whole frame as normal, benign, malignant; with four
        classes also as out of scope: no breast.
    """

    lesion: Tensor
    malignancy: Tensor
    frame: Tensor


def conv(cin: int, cout: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    """Convolution, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(cout),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two convolutions and the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


class Up(nn.Module):
    """Double the resolution, add the encoder's features, convolve."""

    def __init__(self, cin: int, skip: int, cout: int) -> None:
        super().__init__()
        self.above = conv(cin, cout, kernel=1)
        self.beside = conv(skip, cout, kernel=1)
        self.mix = conv(cout, cout)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        up = F.interpolate(self.above(x), scale_factor=2.0, mode="nearest")
        return self.mix(up + self.beside(skip))


class LesionNet(nn.Module):
    """See the module's docstring.

    Args:
        widths: channels at 1/2, 1/4, 1/8, 1/16 and 1/32 of the resolution; under a trunk
            those of the decoder, and of the last level where the trunk ends at 1/16.
        dropout: probability of dropping a channel before the grading heads.
        classes: 3, or 4 with out of scope.
        trunk: the encoder; None for LesionNet's own.
        surroundings: whether the whole frame helps to find, and a lesion's margin to grade.
    """

    def __init__(
        self,
        widths: tuple[int, int, int, int, int] = (32, 64, 96, 128, 160),
        dropout: float = 0.2,
        classes: int = 3,
        trunk: Trunk | None = None,
        *,
        surroundings: bool = False,
    ) -> None:
        super().__init__()
        a, b, c, d, e = widths
        beside = [a, b, c, d]
        if trunk is None:
            self.level1 = nn.Sequential(conv(1, a, 2), conv(a, a))
            self.level2 = nn.Sequential(conv(a, b, 2), Residual(b))
            self.level3 = nn.Sequential(conv(b, c, 2), Residual(c), Residual(c))
            self.level4 = nn.Sequential(conv(c, d, 2), Residual(d), Residual(d))
            self.level5 = nn.Sequential(conv(d, e, 2), Residual(e))
        else:
            self.trunk = trunk
            *beside, e = (*trunk.channels, e)[:5]
            if len(trunk.channels) == 4:
                self.level5 = nn.Sequential(conv(beside[3], e, 2), Residual(e))
        self.up4 = Up(e, beside[3], d)
        self.up3 = Up(d, beside[2], c)
        self.up2 = Up(c, beside[1], b)
        self.up1 = Up(b, beside[0], a)
        self.lesion = nn.Conv2d(a, 1, 1)
        self.drop = nn.Dropout2d(dropout)
        self.grade = conv(c, 64)
        self.malignancy = nn.Conv2d(64, 1, 1)
        self.frame = nn.Linear(e, classes)
        self.context = Context(e) if surroundings else None
        self.surroundings = Surroundings(64) if surroundings else None

    def encode(self, x: Tensor) -> list[Tensor]:
        """Features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the resolution."""
        if hasattr(self, "trunk"):
            features: list[Tensor] = self.trunk(x)
            return features if len(features) == 5 else [*features, self.level5(features[3])]
        one = self.level1(x)
        two = self.level2(one)
        three = self.level3(two)
        four = self.level4(three)
        return [one, two, three, four, self.level5(four)]

    def forward(self, x: Tensor) -> Logits:
        """Args: x: float32 [B, 1, H, W] in [-1, 1]; H and W multiples of 32."""
        one, two, three, four, five = self.encode(x)
        frame = self.frame(self.drop(five).mean((2, 3)))
        if self.context is not None:
            five = self.context(five)
        grade = self.up3(self.up4(five, four), three)
        lesion = self.lesion(self.up1(self.up2(grade, two), one))
        features = self.drop(self.grade(grade))
        malignancy = self.malignancy(features)
        if self.surroundings is not None:
            malignancy = malignancy + self.surroundings(features, lesion)
        return {
            "lesion": lesion,
            "malignancy": F.interpolate(
                malignancy, scale_factor=4.0, mode="bilinear", align_corners=False
            ),
            "frame": frame,
        }


def lesionnet(classes: int = 4, trunk: str = "none", *, surroundings: bool = False) -> nn.Module:
    """The reference network, untrained.

    Args:
        trunk: a key of `trunks.TRUNKS`, or "none" for LesionNet's own encoder.
        surroundings: see `LesionNet`.
    """
    if trunk == "none":
        return LesionNet(classes=classes, surroundings=surroundings)
    widths = (32, 64, 96, 128, 128)
    return LesionNet(widths, classes=classes, trunk=TRUNKS[trunk](), surroundings=surroundings)


if __name__ == "__main__":
    from torch.utils.flop_counter import FlopCounterMode

    for name, around in itertools.product(("none", *TRUNKS), (False, True)):
        network = lesionnet(trunk=name, surroundings=around).eval()
        parameters = sum(p.numel() for p in network.parameters())
        with FlopCounterMode(display=False) as counter:
            answers = network(torch.zeros(1, 1, 256, 256))
        gmac = counter.get_total_flops() / 2e9
        with_it = " with surroundings" if around else ""
        print(f"trunk {name}{with_it}: {parameters / 1e6:.2f} M parameters, {gmac:.2f} GMAC")
        print({k: tuple(v.shape) for k, v in answers.items()})
