"""The recipe's [calibration] section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sonoedge.errors import InvalidSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Which frames say how large the network's inner values get, and how that is read.

    There is no default set: ranges of other pictures are ranges of another network.

    Attributes:
        frames: frames.json files, relative to the recipe.
        split: only frames of this split; None takes all. Never "test".
        count: at most so many, spread evenly over them; None takes all.
        minimum: fewest frames accepted.
        method: ONNX Runtime's: "minmax" takes the smallest and the largest value,
            "percentile" leaves out the rarest, "entropy" keeps most information
            (Migacz 2017). OpenVINO's quantizer always takes "minmax".
        percentile: share of values kept by "percentile".
    """

    frames: tuple[str, ...]
    split: str | None = None
    count: int | None = None
    minimum: int = 16
    method: Literal["minmax", "percentile", "entropy"] = "minmax"
    percentile: float = 99.99

    def __post_init__(self) -> None:
        if not self.frames:
            raise InvalidSettings("frames must name at least one frames.json")
        if self.split == "test":
            raise InvalidSettings("split is 'test': frames that judge must not calibrate")
        if self.minimum < 1:
            raise InvalidSettings("minimum must be 1 or more")
        if self.count is not None and self.count < self.minimum:
            raise InvalidSettings(f"count is {self.count}, minimum {self.minimum}")
        if not 50 < self.percentile <= 100:
            raise InvalidSettings("percentile must be above 50 and at most 100")
