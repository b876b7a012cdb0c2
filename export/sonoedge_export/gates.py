"""What a variant must keep of the trained network to be shipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sonoedge.errors import InvalidSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """Limits; the first three hold for fp32, which must be the same network.

    Attributes:
        fp32_map_levels: largest difference of a map's cell, in levels of 255.
        fp32_probs: largest difference of a frame's probability.
        fp32_flag_agreement: share of frames flagged alike.
        flag_agreement: the same for every other precision.
        dice_drop, auroc_drop: largest loss against the trained network, absolute.
    """

    fp32_map_levels: int = 1
    fp32_probs: float = 1e-5
    fp32_flag_agreement: float = 1.0
    flag_agreement: float = 0.985
    dice_drop: float = 0.005
    auroc_drop: float = 0.005

    def __post_init__(self) -> None:
        for name in ("fp32_flag_agreement", "flag_agreement"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidSettings(f"{name} must be 0 to 1")
        for name in ("fp32_map_levels", "fp32_probs", "dice_drop", "auroc_drop"):
            if getattr(self, name) < 0:
                raise InvalidSettings(f"{name} must not be below 0")


def failures(
    gates: Gates, precision: str, metrics: Mapping[str, Any], trained: Mapping[str, Any]
) -> list[str]:
    """What a variant fails by how much; empty when it passes.

    Args:
        metrics: the variant's figures, with `map_levels`, `probs` and `flag_agreement`
            against the trained network.
        trained: the trained network's figures on the same frames.
    """
    failed = []

    def at_most(name: str, value: float | None, limit: float) -> None:
        if value is not None and not value <= limit:
            failed.append(f"{name} is {value:.4g}, allowed {limit:.4g}")

    agreement = metrics["flag_agreement"]
    wanted = gates.fp32_flag_agreement if precision == "fp32" else gates.flag_agreement
    if agreement < wanted:
        failed.append(f"flag_agreement is {agreement:.4f}, at least {wanted:.4f} wanted")
    if precision == "fp32":
        at_most("map_levels", metrics["map_levels"], gates.fp32_map_levels)
        at_most("probs", metrics["probs"], gates.fp32_probs)
    for name, limit in (("dice_mean", gates.dice_drop), ("malignancy_auroc", gates.auroc_drop)):
        before, after = trained[name], metrics[name]
        if before is not None:
            drop = None if after is None else before - after
            at_most(f"drop of {name}", float("inf") if drop is None else drop, limit)
    return failed
