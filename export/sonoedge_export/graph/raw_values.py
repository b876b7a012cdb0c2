"""What a network answered before activations, and whether the recipe's activation fits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from sonoedge.errors import InvalidNetwork
from sonoedge_export.recipe.outputs import Output

# Rounding of probabilities, half precision included.
SLACK: Final = 2e-3
# So many values that all lie within 0 and 1 and reach both ends are no logits.
MANY: Final = 256
NEAR: Final = 0.1


@dataclass(slots=True, kw_only=True)
class _Range:
    """One output over all frames: how many values, in which range, and how far from 1 the sums
    over the channels are at most; the number of channels."""

    count: int = 0
    lowest: float = float("inf")
    highest: float = float("-inf")
    sum_error: float = 0.0
    channels: int = 0


class RawValues:
    """The ranges of a network's outputs over the frames that it was given."""

    def __init__(self) -> None:
        self._ranges: dict[str, _Range] = {}
        self._broken: dict[str, int] = {}
        self._frames = 0

    def add(self, outputs: Mapping[str, Tensor]) -> None:
        """One frame's outputs, [1, channels, ...]."""
        self._frames += 1
        for name, tensor in outputs.items():
            if not bool(torch.isfinite(tensor).all()):
                self._broken[name] = self._broken.get(name, 0) + 1
                continue
            value = tensor.to(torch.float32)
            row = self._ranges.setdefault(name, _Range())
            row.count += value.numel()
            row.channels = value.shape[1]
            row.lowest = min(row.lowest, float(value.min()))
            row.highest = max(row.highest, float(value.max()))
            row.sum_error = max(row.sum_error, float((value.sum(dim=1) - 1).abs().max()))

    def check_finite(self) -> None:
        """Refuse a network that answered with something that is no number.

        Raises:
            InvalidNetwork: names the output, and on how many frames.
        """
        for name, count in self._broken.items():
            raise InvalidNetwork(
                f"the network's output for {name} is NaN or infinite on {count} of {self._frames} "
                "frames: it cannot be judged; look for overflow in its weights, or for a scale "
                "(network.mean, network.std) that is not training's"
            )

    def check_activation(self, name: str, spec: Output) -> None:
        """Compare one output with the recipe's entry for it.

        Raises:
            InvalidNetwork: its activation is applied to probabilities, or none is to logits.
        """
        row = self._ranges.get(name)
        if row is None:
            return
        within = row.lowest >= -SLACK and row.highest <= 1 + SLACK
        key = f"outputs.{name}.activation"
        if spec.activation == "none" and not within:
            raise InvalidNetwork(
                f"{key} is 'none', but the network's output {spec.output!r} lies between "
                f"{row.lowest:.3g} and {row.highest:.3g}: these are no probabilities; set "
                "activation to 'sigmoid' or 'softmax'"
            )
        if spec.activation == "softmax" and within and row.sum_error <= SLACK:
            raise InvalidNetwork(
                f"{key} is 'softmax', but the channels of the network's output {spec.output!r} "
                "sum to 1 already: the network applies a softmax itself; set activation = 'none'"
            )
        reaches = row.lowest < NEAR and row.highest > 1 - NEAR and row.count >= MANY
        if spec.activation == "sigmoid" and within and reaches:
            raise InvalidNetwork(
                f"{key} is 'sigmoid', but all {row.count} values of the network's output "
                f"{spec.output!r} lie between 0 and 1: the network applies a sigmoid itself; "
                "set activation = 'none'"
            )
