"""Quantization-aware training: convolutions see what 8 bits leave of weights and inputs.

Rounding is passed by the gradient as if it were not there (Bengio et al. 2013,
arXiv:1308.3432; Jacob et al. 2018, arXiv:1712.05877). Weights: symmetric, per output
channel; inputs: one scale and zero point, from a running mean of each batch's extremes.
Parameters keep their float values and their names: what is trained is the float network.
"""

from __future__ import annotations

import contextlib
import types
from collections.abc import Iterator

import torch
from torch import Tensor, nn

KEEP = 0.95  # of the running extremes, per batch


def rounded(x: Tensor, scale: Tensor, zero: Tensor, low: int, high: int) -> Tensor:
    """x as `scale * (q - zero)` with whole q in [low, high]; the gradient is x's own."""
    scale = scale.clamp(min=1e-8)
    q = torch.clamp(torch.round(x / scale) + zero, low, high)
    return x + ((q - zero) * scale - x).detach()


def round_weight(weight: Tensor, channel: int = 0) -> Tensor:
    """Symmetric int8, one scale per output channel."""
    others = [d for d in range(weight.ndim) if d != channel]
    scale = weight.detach().abs().amax(others, keepdim=True) / 127
    return rounded(weight, scale, torch.zeros_like(scale), -127, 127)


class Extremes:
    """A running range of one layer's inputs."""

    def __init__(self) -> None:
        self.low: Tensor | None = None
        self.high: Tensor | None = None

    def round(self, x: Tensor, *, learn: bool) -> Tensor:
        """uint8 with a zero point, as ONNX Runtime and OpenVINO take activations."""
        low, high = x.detach().amin().clamp(max=0), x.detach().amax().clamp(min=0)
        if self.low is None or self.high is None:
            self.low, self.high = low, high
        elif learn:
            self.low = KEEP * self.low + (1 - KEEP) * low
            self.high = KEEP * self.high + (1 - KEEP) * high
        scale = (self.high - self.low) / 255
        zero = torch.round(-self.low / scale.clamp(min=1e-8))
        return rounded(x, scale, zero, 0, 255)


@contextlib.contextmanager
def fake_quantized(network: nn.Module) -> Iterator[None]:
    """While the block runs, every convolution of the network works on rounded values."""
    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    for layer in layers:
        extremes = Extremes()

        def forward(self: nn.Conv2d, x: Tensor, extremes: Extremes = extremes) -> Tensor:
            x = extremes.round(x, learn=self.training)
            y: Tensor = self._conv_forward(x, round_weight(self.weight), self.bias)
            return y

        layer.forward = types.MethodType(forward, layer)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward
