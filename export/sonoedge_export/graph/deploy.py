"""The graph that a device runs: uint8 in, uint8 maps out, all arithmetic inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sonoedge.errors import InvalidNetwork
from sonoedge.processing.postprocess import FINITE
from sonoedge_export.graph.finite import finite_flag
from sonoedge_export.recipe.recipe import Network, Output, Outputs

INPUT: Final = "frame"


class Scale(nn.Module):
    """uint8 [1, 1, H, W] grey levels to the float input that the network was trained on."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.gain, self.shift = 1.0 / network.std, -network.mean / network.std
        self.channels = network.channels

    def forward(self, frame: Tensor) -> Tensor:
        x = frame.to(torch.float32) * self.gain + self.shift
        return x if self.channels == 1 else torch.cat([x] * self.channels, dim=1)


class Answer(nn.Module):
    """The network's raw outputs to the graph's: probabilities, maps as uint8."""

    def __init__(self, outputs: Outputs) -> None:
        super().__init__()
        self.outputs = outputs

    @property
    def names(self) -> list[str]:
        """Names of the probabilities that the recipe asks for, in their order."""
        order = ("lesion_map", "malignancy_map", "class_probs")
        return [name for name in order if getattr(self.outputs, name) is not None]

    @property
    def output_names(self) -> list[str]:
        """Names of what `forward` returns: the probabilities, and the flag `finite`."""
        return [*self.names, FINITE]

    def logits(self, raw: Any) -> dict[str, Tensor]:
        """The network's outputs behind each of `names`, maps at the graph's size."""
        return {name: self._logits(raw, name) for name in self.names}

    def value(self, name: str, logits: Tensor) -> Tensor:
        """Logits to probabilities: [B, 1, h, w] for a map, [B, C] for class_probs."""
        spec: Output = getattr(self.outputs, name)
        p = _probabilities(logits, spec)
        if name == "class_probs":
            return p
        value = _sum(p, spec.channels or (p.shape[1] - 1,))
        return value if spec.over is None else value / _sum(p, spec.over).clamp(min=1e-6)

    def forward(self, raw: Any) -> tuple[Tensor, ...]:
        answers = []
        for name in self.names:
            value = self.value(name, self._logits(raw, name))
            answers.append(value if name == "class_probs" else to_uint8(value))
        return (*answers, finite_flag(self._raw(raw)))

    def _raw(self, raw: Any) -> list[Tensor]:
        """The network's outputs that are used, each once."""
        specs: dict[str, Output] = {name: getattr(self.outputs, name) for name in self.names}
        dims = {name: 2 if name == "class_probs" else 4 for name in specs}
        used = {spec.output: pick(raw, spec.output, n, dims[n]) for n, spec in specs.items()}
        return list(used.values())

    def _logits(self, raw: Any, name: str) -> Tensor:
        spec: Output = getattr(self.outputs, name)
        if name == "class_probs":
            return pick(raw, spec.output, name, 2)
        logits, size = pick(raw, spec.output, name, 4), self.outputs.map_hw
        if size is not None and tuple(logits.shape[2:]) != size:
            logits = F.interpolate(logits, size=size, mode="bilinear", align_corners=False)
        return logits


class Deployed(nn.Module):
    """Scale, network, answer: one module to trace."""

    def __init__(self, scale: nn.Module, network: nn.Module, answer: Answer) -> None:
        super().__init__()
        self.scale, self.network, self.answer = scale, network, answer

    @property
    def names(self) -> list[str]:
        """Names of the outputs."""
        return self.answer.output_names

    def forward(self, frame: Tensor) -> tuple[Tensor, ...]:
        answer: tuple[Tensor, ...] = self.answer(self.network(self.scale(frame)))
        return answer


def pick(raw: Any, output: str | int, name: str, dims: int) -> Tensor:
    """One of the network's outputs.

    Raises:
        InvalidNetwork: there is none by that key, or it has other dimensions.
    """
    if isinstance(raw, Tensor):
        raw = (raw,)
    have = list(raw) if isinstance(raw, Mapping) else list(range(len(raw)))
    if output not in have:
        raise InvalidNetwork(f"outputs.{name}.output is {output!r}; the network has {have}")
    tensor = raw[output]
    if not isinstance(tensor, Tensor) or tensor.ndim != dims:
        raise InvalidNetwork(f"outputs.{name}: the network's {output!r} has not {dims} dimensions")
    return tensor


def to_uint8(probability: Tensor) -> Tensor:
    """Probabilities as levels of 255, rounded."""
    return torch.round(probability * 255.0).clamp(0.0, 255.0).to(torch.uint8)


def _probabilities(logits: Tensor, spec: Output) -> Tensor:
    if spec.temperature != 1.0:
        logits = logits / spec.temperature
    if spec.bias:
        logits = logits + spec.bias
    if spec.activation == "softmax":
        return torch.softmax(logits, dim=1)
    return torch.sigmoid(logits) if spec.activation == "sigmoid" else logits


def _sum(p: Tensor, channels: tuple[int, ...]) -> Tensor:
    if max(channels) >= p.shape[1] or min(channels) < 0:
        raise InvalidNetwork(f"channels {channels} named, the output has {p.shape[1]}")
    total = p[:, channels[0] : channels[0] + 1]
    for c in channels[1:]:
        total = total + p[:, c : c + 1]
    return total
