"""The limits, as the recipe's table [gates]."""

from __future__ import annotations

from dataclasses import dataclass
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
        for name in (
            "fp32_flag_agreement",
            "flag_agreement",
            "decided_agreement",
            "pruned_flag_agreement",
        ):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidSettings(f"{name} must be 0 to 1")
        drops = ("dice_drop", "auroc_drop", "sensitivity_drop")
        for name in ("fp32_map_levels", "fp32_probs", *drops):
            if not getattr(self, name) >= 0:
                raise InvalidSettings(f"{name} must not be below 0")
