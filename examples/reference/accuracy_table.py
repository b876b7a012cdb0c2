"""The card's tables of accuracy: what was found, missed and flagged, with intervals by patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge_export.card.measurement import Figure, figure
from sonoedge_export.card.tables import cell
from sonoedge_export.evaluation.accuracy import figures, grouped
from sonoedge_export.evaluation.metrics import bootstrap, mean_interval
from sonoedge_export.evaluation.outcomes import Outcome

Floats = npt.NDArray[np.float64]

COLUMNS: Final = (
    "Dice",
    "AUROC",
    "lesions missed",
    "false regions per frame",
    "with a lesion",
    "without",
    "sensitivity",
    "specificity",
)
HEAD: Final = (
    f"| frames | n | independent | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 3)}"
)


def row(name: str, outcomes: Sequence[Outcome], positive: Sequence[str]) -> str:
    """One row below `HEAD`; "-" for what these frames do not tell.

    Independent are patients where they are known, else groups of copies, else frames.

    Args:
        outcomes: of the frames of the row, one at least.
        positive: labels that should be flagged.
    """
    metrics = figures(outcomes, outcomes, positive=positive)
    lesion = [o for o in outcomes if o.has_lesion]
    normal = [o for o in outcomes if not o.has_lesion]
    cells = [
        cell(figure(metrics, "dice_mean")),
        cell(figure(metrics, "malignancy_auroc")),
        cell(missed(lesion)),
        *(cell(false_regions(some)) for some in (outcomes, lesion, normal)),
        cell(figure(metrics, "sensitivity")),
        cell(figure(metrics, "specificity")),
    ]
    counts = f"{metrics['frames']} | {metrics['independent_samples']}"
    return f"| {name} | {counts} | {' | '.join(cells)} |"


def missed(outcomes: Sequence[Outcome]) -> Figure:
    """The share of the lesions that no region found, of all frames together."""
    lesions = np.array([o.lesions for o in outcomes], dtype=np.float64)
    lost = lesions - np.array([o.lesions_found for o in outcomes], dtype=np.float64)
    if not lesions.sum():
        return Figure(value=None, ci95=None)
    groups = grouped(outcomes)
    if not lost.any() or (lost == lesions).all():
        interval = mean_interval(lost / lesions, groups)  # all resamples are alike
    else:
        interval = bootstrap(_ratio(lost, lesions), len(outcomes), groups=groups)
    return Figure(value=float(lost.sum() / lesions.sum()), ci95=interval)


def _ratio(part: Floats, whole: Floats) -> Callable[[npt.NDArray[np.int64]], float | None]:
    def ratio(i: npt.NDArray[np.int64]) -> float | None:
        return float(part[i].sum() / whole[i].sum()) if whole[i].any() else None

    return ratio


def false_regions(outcomes: Sequence[Outcome]) -> Figure:
    """Regions per frame that found no lesion; a frame that was stopped shows none."""
    if not outcomes:
        return Figure(value=None, ci95=None)
    count = np.array([o.false_regions for o in outcomes], dtype=np.float64)
    groups = grouped(outcomes)
    interval = bootstrap(lambda i: float(count[i].mean()), len(count), groups=groups)
    if not count.any():  # of frames with none the exact interval, as a share
        interval = mean_interval(count, groups)
    return Figure(value=float(count.mean()), ci95=interval)


def subgroup_rows(
    outcomes: Sequence[Outcome],
    groups: Mapping[str, Sequence[int]],
    positive: Sequence[str],
    fewest: int = 8,
) -> list[str]:
    """Rows below `HEAD`, one for each group of the frames.

    Args:
        groups: indices of the frames, by name; those of all frames tell nothing and are left out.
        fewest: groups of fewer frames are left out.
    """
    some = {n: i for n, i in groups.items() if fewest <= len(i) < len(outcomes)}
    return [row(name, [outcomes[i] for i in index], positive) for name, index in some.items()]
