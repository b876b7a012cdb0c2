"""The limits that a variant is judged by: the recipe's table [gates], kept in the manifest."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from sonoedge.errors import InvalidSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """Limits; the first three hold for fp32, which must be the same network.

    A pruned network is another one. Its losses are those against the unpruned network; its
    engines must agree with the pruned network itself, and its flags, by
    `pruned_flag_agreement`, with the unpruned one's.

    Attributes:
        fp32_map_levels: largest difference of a map's cell, in levels of 255.
        fp32_probs: largest difference of a frame's probability.
        fp32_flag_agreement: share of frames flagged alike.
        flag_agreement: the same for every other precision.
        decided_agreement: the same over the frames whose trained suspicion is more than
            0.05 away from the threshold.
        dice_drop, auroc_drop: largest loss against the trained network, absolute.
        sensitivity_drop: largest loss of sensitivity at the trained network's specificity.
        pruned_flag_agreement: share of frames flagged alike by the pruned and the unpruned.
        undecided: what a gate does that the frames are too few to decide: "report" says so
            and lets the variant into the bundle, "refuse" keeps it out.

    Raises:
        InvalidSettings: a limit is out of range: levels 0 to 255, all others 0 to 1.
    """

    fp32_map_levels: int = 1
    fp32_probs: float = 1e-4
    fp32_flag_agreement: float = 1.0
    flag_agreement: float = 0.985
    decided_agreement: float = 0.999
    dice_drop: float = 0.005
    auroc_drop: float = 0.005
    sensitivity_drop: float = 0.01
    pruned_flag_agreement: float = 0.9
    undecided: Literal["report", "refuse"] = "report"

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self) if f.name != "undecided"):
            most = 255 if name == "fp32_map_levels" else 1
            if not 0 <= getattr(self, name) <= most:  # refuses NaN, too
                raise InvalidSettings(f"{name} must be 0 to {most}")
