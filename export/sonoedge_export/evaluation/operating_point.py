"""The flag threshold's sensitivity and specificity, for the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sonoedge.bundle import OperatingPoint
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.accuracy import figures
from sonoedge_export.evaluation.results import Results

REPORTED: Final = (
    "frames",
    "positive_frames",
    "negative_frames",
    "independent_samples",
    "sensitivity",
    "sensitivity_ci95",
    "specificity",
    "specificity_ci95",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredPoint:
    """The operating point on its frames.

    Attributes:
        point: over all frames together.
        sets: the frames, per file.
        per_set: by set, `name`, `frames` and what `point` gives.
    """

    point: OperatingPoint
    sets: Sequence[Labelled]
    per_set: Sequence[Mapping[str, Any]]


def operating_point(
    results: Results, sets: Sequence[Labelled], *, split: str | None, chosen_on: str
) -> MeasuredPoint:
    """The operating point of the trained network.

    A threshold is at its best on the frames that chose it: those of [operating_point] should
    have been held back from every choice. Intervals are 95 % bootstrap intervals, by patient
    where patients are known.

    Args:
        results: the trained network's, on all frames of `sets`, in order.
        split: the split that the frames are of, or None.
        chosen_on: what the threshold was chosen on, in the recipe's words.
    """
    spec = results.postprocess
    names = [s.name if split is None else f"{s.name} {split}" for s in sets]
    per_set, first = [], 0
    for name, frames in zip(names, sets, strict=True):
        outcomes = results.outcomes[first : first + len(frames)]
        metrics = figures(outcomes, outcomes, positive=spec.positive)
        per_set.append({"name": name, **{key: metrics[key] for key in REPORTED}})
        first += len(frames)
    point = OperatingPoint(
        threshold=spec.flag_threshold,
        chosen_on=chosen_on,
        measured_on=" + ".join(names),
        sensitivity=results.metrics["sensitivity"],
        sensitivity_ci95=_pair(results.metrics["sensitivity_ci95"]),
        specificity=results.metrics["specificity"],
        specificity_ci95=_pair(results.metrics["specificity_ci95"]),
    )
    return MeasuredPoint(point=point, sets=sets, per_set=per_set)


def _pair(value: Any) -> tuple[float, float] | None:
    return None if value is None else (value[0], value[1])
