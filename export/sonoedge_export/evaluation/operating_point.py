"""The flag threshold's sensitivity and specificity, for the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sonoedge.bundle import OperatingPoint
from sonoedge_export.data.evaluation_set import joined
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.accuracy import figures
from sonoedge_export.evaluation.results import Verified, verify_runtime
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import Recipe

TOLD: Final = ("frames", "sensitivity", "sensitivity_ci95", "specificity", "specificity_ci95")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """The operating point on its frames.

    Attributes:
        point: over all frames together.
        sets: the frames, per file.
        each: by set, `name`, `frames` and what `point` tells.
    """

    point: OperatingPoint
    sets: Sequence[Labelled]
    each: Sequence[Mapping[str, Any]]


def measure_operating_point(
    recipe: Recipe, sets: Sequence[Labelled], trained: Verified, stages: Stages
) -> Measured:
    """Measure it with the trained network.

    A threshold is at its best on the frames that chose it: those of [operating_point] should
    have been held back from every choice. Intervals are 95 % bootstrap intervals, by patient
    where patients are known.

    Args:
        sets: the frames of the recipe's [operating_point], or of [data] where it has none.
        trained: the trained network's results on the frames of [data].
    """
    split, verified = recipe.data.split, trained
    if recipe.operating_point is not None:
        split = recipe.operating_point.split
        whole = joined(list(sets))
        with stages.stage(f"operating point on {len(whole)} frames") as progress:
            verified = verify_runtime(recipe, trained.runtime, whole, None, progress)
    names = [s.name if split is None else f"{s.name} {split}" for s in sets]
    each, first = [], 0
    for name, one in zip(names, sets, strict=True):
        some = verified.outcomes[first : first + len(one)]
        told = figures(some, some, positive=recipe.postprocess.positive)
        each.append({"name": name, **{key: told[key] for key in TOLD}})
        first += len(one)
    together = verified.metrics
    point = OperatingPoint(
        threshold=recipe.postprocess.flag_threshold,
        chosen_on=recipe.threshold_chosen_on,
        measured_on=" + ".join(names),
        sensitivity=together["sensitivity"],
        sensitivity_ci95=_pair(together["sensitivity_ci95"]),
        specificity=together["specificity"],
        specificity_ci95=_pair(together["specificity_ci95"]),
    )
    return Measured(point=point, sets=sets, each=each)


def _pair(value: Any) -> tuple[float, float] | None:
    return None if value is None else (value[0], value[1])
