"""The recipe's [network] section."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sonoedge.errors import InvalidSettings

# Grey levels to -1 to 1, where the recipe says nothing.
CENTRE: Final = 127.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The trained network: code and weights, or an ONNX file.

    Attributes:
        factory: "module:function" that makes a torch.nn.Module; modules beside the
            recipe are found first.
        arguments: keyword arguments of the factory.
        weights: .safetensors, or a state dict that torch.load(weights_only=True) reads.
        weights_key: which entry of a checkpoint is the state dict, such as "state_dict"; dots
            go further down.
        weights_prefix: what every name in the state dict begins with that the network's own
            names lack, such as "model."; entries without it are left out.
        onnx: a float network as an ONNX file, in place of factory and weights.
        mean, std: the network's input is (grey level - mean) / std; one number, or one for
            each channel. Both 127.5 where left out. Not for an ONNX file that takes uint8:
            it gets the grey levels.
        channels: 1, or 3 for a network that was trained on colour pictures: it gets the
            grey level three times.
    """

    factory: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    weights: str | None = None
    weights_key: str | None = None
    weights_prefix: str | None = None
    onnx: str | None = None
    mean: float | tuple[float, ...] | None = None
    std: float | tuple[float, ...] | None = None
    channels: Literal[1, 3] = 1

    def __post_init__(self) -> None:
        if (self.factory is None) == (self.onnx is None):
            raise InvalidSettings("give either factory (with weights) or onnx")
        if self.onnx is not None and self.weights is not None:
            raise InvalidSettings("weights belong to factory; an onnx file has its own")
        if self.onnx is not None and self.arguments:
            raise InvalidSettings("arguments belong to factory; an onnx file takes none")
        for name in ("weights_key", "weights_prefix"):
            if getattr(self, name) is not None and self.weights is None:
                raise InvalidSettings(f"{name} needs weights")
        if self.factory is not None and self.factory.count(":") != 1:
            raise InvalidSettings("factory must be 'module:function'")
        for name in ("mean", "std"):
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != self.channels:
                raise InvalidSettings(
                    f"{name} has {len(value)} numbers, channels is {self.channels}; give one "
                    "number, or one for each channel"
                )
            if not all(math.isfinite(v) for v in _tuple(value)):
                raise InvalidSettings(f"{name} must be finite")
        if min(_tuple(self.std), default=1.0) <= 0:
            raise InvalidSettings("std must be above 0")

    @property
    def scaled(self) -> bool:
        """The recipe itself says how grey levels are scaled."""
        return self.mean is not None or self.std is not None

    @property
    def means(self) -> tuple[float, ...]:
        """Mean of each channel, or one for all."""
        return _tuple(self.mean) or (CENTRE,)

    @property
    def stds(self) -> tuple[float, ...]:
        """Standard deviation of each channel, or one for all."""
        return _tuple(self.std) or (CENTRE,)


def _tuple(value: float | tuple[float, ...] | None) -> tuple[float, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)
