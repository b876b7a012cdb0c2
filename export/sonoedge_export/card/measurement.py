"""Figures of accuracy, as values with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# Key of a metric: what it is called where it is shown.
FIGURES: Final = {
    "dice_mean": "Dice",
    "malignancy_auroc": "AUROC",
    "region_sensitivity": "lesions found",
    "false_regions_per_frame": "false regions per frame",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "flag_agreement": "flags agree",
    "decided_agreement": "flags agree, decided frames",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured figure.

    Attributes:
        value: None where the frames do not tell.
        ci95: 95 % bootstrap interval, (lower, upper); None where none was computed.
    """

    value: float | None
    ci95: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The figures of one network or variant on some frames.

    Attributes:
        name: of the frames, such as "busbra test".
        frames: how many.
        figures: by their keys in `FIGURES`.
    """

    name: str
    frames: int | None
    figures: Mapping[str, Figure]


def measurement(name: str, metrics: Mapping[str, Any]) -> Measurement:
    """The figures in metrics as `sonoedge verify` reports and the manifest keeps them."""
    return Measurement(
        name=name,
        frames=_whole(metrics.get("frames")),
        figures={key: figure(metrics, key) for key in FIGURES if key in metrics},
    )


def figure(metrics: Mapping[str, Any], key: str) -> Figure:
    """One figure of metrics; a manifest may hold anything there, and what is no number is None."""
    interval = metrics.get(f"{key.removesuffix('_mean')}_ci95")
    pair = None
    if isinstance(interval, list | tuple) and len(interval) == 2:
        lower, upper = (_number(each) for each in interval)
        pair = None if lower is None or upper is None else (lower, upper)
    return Figure(value=_number(metrics.get(key)), ci95=pair)


def _number(value: object) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number else None  # type: ignore[arg-type]


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
