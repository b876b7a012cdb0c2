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
from sonoedge_export.recipe.network import Network
from sonoedge_export.recipe.outputs import Output, Outputs

INPUT: Final = "frame"
ORDER: Final = ("lesion_map", "malignancy_map", "class_probs")


class Scale(nn.Module):
    """uint8 [1, 1, H, W] grey levels to the float input that the network was trained on."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        means, stds = network.means, network.stds
        self.channels = network.channels
        self.per_channel = max(len(means), len(stds)) > 1
        if self.per_channel:
            mean, std = (torch.tensor(v).reshape(1, -1, 1, 1) for v in (means, stds))
            self.register_buffer("gain", 1.0 / std, persistent=False)
            self.register_buffer("shift", -mean / std, persistent=False)
        else:
            self.gain, self.shift = 1.0 / stds[0], -means[0] / stds[0]

    def forward(self, frame: Tensor) -> Tensor:
        x = frame.to(torch.float32) * self.gain + self.shift
        if self.channels == 1 or self.per_channel:
            return x
        return torch.cat([x] * self.channels, dim=1)


class Answer(nn.Module):
    """The network's raw outputs to the graph's: probabilities, maps as uint8."""

    def __init__(self, outputs: Outputs) -> None:
        super().__init__()
        self.outputs = outputs

    @property
    def names(self) -> list[str]:
        """Names of the probabilities that the recipe asks for, in their order."""
        return [name for name in ORDER if self.outputs.get(name) is not None]

    @property
    def output_names(self) -> list[str]:
        """Names of what `forward` returns: the probabilities, and the flag `finite`."""
        return [*self.names, FINITE]

    def raw_outputs(self, raw: Any) -> dict[str, Tensor]:
        """The network's outputs behind each of `names`, as it gives them.

        Raises:
            InvalidNetwork: there is none by that key, or it has other dimensions.
        """
        dims = {"class_probs": 2}
        return {n: pick(raw, self._spec(n).output, n, dims.get(n, 4)) for n in self.names}

    def logits(self, raw: Any) -> dict[str, Tensor]:
        """The network's outputs behind each of `names`, maps at the graph's size."""
        return {name: self._at_size(name, t) for name, t in self.raw_outputs(raw).items()}

    def value(self, name: str, logits: Tensor) -> Tensor:
        """Logits to probabilities: [B, 1, h, w] for a map, [B, C] for class_probs."""
        spec = self._spec(name)
        p = probabilities(logits, spec, name)
        if name == "class_probs":
            return two_classes(p)
        value = channel_sum(p, spec.channels or (p.shape[1] - 1,), name)
        if spec.over is None:
            return value
        return value / channel_sum(p, spec.over, name).clamp(min=1e-6)

    def forward(self, raw: Any) -> tuple[Tensor, ...]:
        outputs = self.raw_outputs(raw)
        answers = []
        for name, tensor in outputs.items():
            value = self.value(name, self._at_size(name, tensor))
            answers.append(value if name == "class_probs" else to_uint8(value))
        distinct = {self._spec(name).output: tensor for name, tensor in outputs.items()}
        return (*answers, finite_flag(list(distinct.values())))

    def _at_size(self, name: str, logits: Tensor) -> Tensor:
        size = self.outputs.map_hw
        if name == "class_probs" or size is None or tuple(logits.shape[2:]) == size:
            return logits
        return F.interpolate(logits, size=size, mode="bilinear", align_corners=False)

    def _spec(self, name: str) -> Output:
        spec = self.outputs.get(name)
        assert spec is not None
        return spec


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


def pick(raw: Any, output: str | int, name: str, dims: int | tuple[int, ...]) -> Tensor:
    """One of the network's outputs, by its key or its position.

    Args:
        dims: how many dimensions it may have.

    Raises:
        InvalidNetwork: there is none by that key, or it has other dimensions.
    """
    if isinstance(raw, Tensor):
        raw = (raw,)
    keys = list(raw) if isinstance(raw, Mapping) else list(range(len(raw)))
    if isinstance(output, int) and output not in keys and 0 <= output < len(keys):
        output = keys[output]
    if output not in keys:
        raise InvalidNetwork(f"outputs.{name}.output is {output!r}; the network has {keys}")
    tensor = raw[output]
    allowed = (dims,) if isinstance(dims, int) else dims
    if isinstance(tensor, Tensor) and tensor.ndim in allowed and tensor.is_floating_point():
        return tensor
    has = type(tensor).__name__
    if isinstance(tensor, Tensor):
        has = f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"
    wanted = "[1, channels, height, width]" if 4 in allowed else "[1, classes]"
    raise InvalidNetwork(
        f"outputs.{name}: the network's output {output!r} is {has}, a floating-point {wanted} is "
        "needed: logits or probabilities, before any argmax or squeeze"
    )


def to_uint8(probability: Tensor) -> Tensor:
    """Probabilities as levels of 255, rounded."""
    return torch.round(probability * 255.0).clamp(0.0, 255.0).to(torch.uint8)


def probabilities(logits: Tensor, spec: Output, name: str) -> Tensor:
    """Temperature, bias and activation.

    Raises:
        InvalidNetwork: a softmax over a single channel, which is 1 whatever it is given.
    """
    if spec.activation == "softmax" and logits.shape[1] == 1:
        raise InvalidNetwork(
            f"outputs.{name}.activation is 'softmax', and the network's output has one channel: "
            "a softmax of one is always 1; set activation = 'sigmoid'"
        )
    if spec.temperature != 1.0:
        logits = logits / spec.temperature
    if spec.bias:
        logits = logits + spec.bias
    return activate(logits, spec.activation)


def activate(logits: Tensor, activation: str) -> Tensor:
    """An activation over channels, which are dimension 1."""
    if activation == "softmax":
        return torch.softmax(logits, dim=1)
    return torch.sigmoid(logits) if activation == "sigmoid" else logits


def two_classes(p: Tensor) -> Tensor:
    """The only channel's probability as that of the second of two classes."""
    return torch.cat([1.0 - p, p], dim=1) if p.shape[1] == 1 else p


def channel_sum(p: Tensor, channels: tuple[int, ...], name: str) -> Tensor:
    """Sum over some channels, [B, 1, ...].

    Raises:
        InvalidNetwork: there are not so many.
    """
    if max(channels) >= p.shape[1]:
        raise InvalidNetwork(
            f"outputs.{name} names channels {list(channels)}, the network's output has "
            f"{p.shape[1]}, counted from 0"
        )
    total = p[:, channels[0] : channels[0] + 1]
    for c in channels[1:]:
        total = total + p[:, c : c + 1]
    return total
