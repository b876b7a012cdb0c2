"""EfficientNet-lite0 (Tan and Le 2019, arXiv:1905.11946; without squeeze, ReLU6 throughout).

Names are those of the PyTorch port, `_blocks.N._depthwise_conv` and so on, so that its state
dict fits. Its stem takes one grey channel. A stride of 2 pads as TensorFlow does, where the
weights come from: less before than behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional as F

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.checkpoint import fill

from .stem import grey

# Repeats, kernel, stride, expansion, channels.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
TAPS = (0, 2, 4, 10, 15)  # the blocks before each stride of 2, and the last
UNUSED = ("_conv_head.", "_bn1.", "_fc.")
FACTOR, OFFSET = (255 / 128,) * 3, (-127 / 128,) * 3  # it was given (levels - 127) / 128


def norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class Same(nn.Conv2d):
    """A convolution that pads as TensorFlow's SAME does where H and W are multiples of 2."""

    def __init__(self, cin: int, cout: int, kernel: int, stride: int, groups: int = 1) -> None:
        even = stride == 2
        super().__init__(
            cin, cout, kernel, stride, 0 if even else kernel // 2, groups=groups, bias=False
        )
        self.before = (kernel - stride) // 2 if even else 0
        self.behind = kernel - stride - self.before if even else 0

    def forward(self, x: Tensor) -> Tensor:
        if self.behind:
            x = F.pad(x, (self.before, self.behind) * 2)
        return super().forward(x)


class Block(nn.Module):
    """Expand, convolve each channel, project; the identity beside it where shapes allow."""

    def __init__(self, cin: int, cout: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = cin * expansion
        self.expands = expansion > 1
        if self.expands:
            self._expand_conv = nn.Conv2d(cin, wide, 1, bias=False)
            self._bn0 = norm(wide)
        self._depthwise_conv = Same(wide, wide, kernel, stride, groups=wide)
        self._bn1 = norm(wide)
        self._project_conv = nn.Conv2d(wide, cout, 1, bias=False)
        self._bn2 = norm(cout)
        self.identity = stride == 1 and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return y + x if self.identity else y


class EfficientNetLite0(nn.Module):
    """See the module's docstring: 2.96 M parameters."""

    channels: ClassVar[tuple[int, ...]] = (16, 24, 40, 112, 320)

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = Same(1, 32, 3, 2)
        self._bn0 = norm(32)
        self._blocks = nn.ModuleList()
        cin = 32
        for repeats, kernel, stride, expansion, cout in STAGES:
            for n in range(repeats):
                self._blocks.append(Block(cin, cout, kernel, stride if n == 0 else 1, expansion))
                cin = cout

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features at 1/2, 1/4, 1/8, 1/16 and 1/32."""
        x = F.relu6(self._bn0(self._conv_stem(x)))
        taken = []
        for number, block in enumerate(self._blocks):
            x = block(x)
            if number in TAPS:
                taken.append(x)
        return taken

    def take(self, state: Mapping[str, Tensor]) -> None:
        """Fill with the PyTorch port's state dict.

        Raises:
            InvalidNetwork: it is none; says what does not fit.
        """
        kept = {n: t for n, t in state.items() if not n.startswith(UNUSED)}
        stem = kept.get("_conv_stem.weight")
        if stem is None or stem.shape != (32, 3, 3, 3):
            what = "missing" if stem is None else f"of shape {tuple(stem.shape)}"
            raise InvalidNetwork(f"these weights are no EfficientNet-lite0: _conv_stem is {what}")
        if "_bn0.running_mean" in kept:
            kept["_conv_stem.weight"], shift = grey(stem, FACTOR, OFFSET)
            kept["_bn0.running_mean"] = kept["_bn0.running_mean"] - shift
        fill(self, kept)
