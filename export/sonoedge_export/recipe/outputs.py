"""The recipe's [outputs] section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sonoedge.errors import InvalidSettings

Activation = Literal["sigmoid", "softmax", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How one of the network's outputs becomes probabilities.

    Attributes:
        output: the output's key, or its position from 0.
        activation: applied in the graph; "none" where the network gives probabilities.
        channels: channels whose probabilities are summed; None takes the last one. For
            maps alone: class_probs has one channel per label.
        over: channels to whose sum the probability is relative; None for absolute.
        temperature: logits are divided by it (Guo et al. 2017, arXiv:1706.04599).
        bias: added after that (Platt 1999); for a sigmoid alone.
    """

    output: str | int = 0
    activation: Activation = "softmax"
    channels: tuple[int, ...] | None = None
    over: tuple[int, ...] | None = None
    temperature: float = 1.0
    bias: float = 0.0

    def __post_init__(self) -> None:
        if not 0.01 <= self.temperature <= 100:
            raise InvalidSettings("temperature must be 0.01 to 100")
        if self.bias and self.activation != "sigmoid":
            raise InvalidSettings("bias needs activation = 'sigmoid'")
        if self.temperature != 1.0 and self.activation == "none":
            raise InvalidSettings(
                "temperature divides logits, and with activation = 'none' there are none"
            )
        for name in ("channels", "over"):
            value = getattr(self, name)
            if value is not None and (not value or min(value) < 0 or len(set(value)) < len(value)):
                raise InvalidSettings(f"{name} must be one or more different channels, from 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """What describes a frame as a whole: features averaged over it, scaled to length 1.

    Attributes:
        layer: module of a torch network whose output, [1, K, h, w] or [1, K], is averaged, by
            its dotted name: the deepest level, such as "level5".
        output: one of the network's outputs in its place, by key or position; an ONNX file has
            these alone.
    """

    layer: str | None = None
    output: str | int | None = None

    def __post_init__(self) -> None:
        if (self.layer is None) == (self.output is None):
            raise InvalidSettings("embedding: give either layer or output")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """The graph's outputs.

    Attributes:
        lesion_map: where a lesion is; left out, a class-activation map of class_probs is
            built into the graph; "none" exports a classifier alone: the frame is graded as
            a whole, and no region is told.
        malignancy_map: how suspicious each cell is, read inside a region.
        class_probs: probability per label for the whole frame. One channel with
            activation = "sigmoid" stands for two labels: 1 - p and p.
        embedding: a vector that describes the frame, for scopes that are taught on the device
            and for heads; left out, the graph has none.
        map_hw: (height, width) of the maps; None keeps the network's (for an
            activation map: a quarter of the input).
    """

    lesion_map: Output | Literal["none"] | None = None
    malignancy_map: Output | None = None
    class_probs: Output | None = None
    embedding: Embedding | None = None
    map_hw: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        probs = self.class_probs
        if probs is not None and (probs.channels, probs.over) != (None, None):
            raise InvalidSettings("class_probs.channels and .over are for maps; leave them out")
        if not isinstance(self.lesion_map, Output):
            if probs is None:
                raise InvalidSettings("give lesion_map, or class_probs for a classification")
            if self.malignancy_map is not None:
                raise InvalidSettings("malignancy_map needs lesion_map")
        if self.map_hw is not None and self.lesion_map == "none":
            raise InvalidSettings("map_hw: with lesion_map = 'none' there are no maps")
        if self.map_hw is not None and min(self.map_hw) < 1:
            raise InvalidSettings("map_hw must be 1 or more")

    @property
    def activation_map(self) -> bool:
        """A class-activation map is built into the graph."""
        return self.lesion_map is None

    def get(self, name: str) -> Output | None:
        """One output's entry by its name; None where the network gives none itself."""
        entry = getattr(self, name)
        return entry if isinstance(entry, Output) else None
