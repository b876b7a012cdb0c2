"""The card's table and picture of calibration, before and after temperature and bias."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import nn

from choose import calibrated, judged
from recorded import Recorder, analyser
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.calibration_error import (
    GradedRegions,
    calibration_error,
    calibration_interval,
    log_loss,
    perfect_error,
    plot_reliability,
)
from sonoedge_export.evaluation.outcomes import evaluate
from sonoedge_export.recipe.recipe import Recipe

HEAD = (
    "| frames | network | regions | error before | error after | of a perfect network | log loss "
    "before | after |\n|---|---|---|---|---|---|---|---|"
)


def reliability(
    recipe: Recipe,
    networks: Mapping[str, nn.Module],
    sets: Mapping[str, Labelled],
    picture: Path,
) -> list[str]:
    """Rows of the table: for each set, one per network; both are named by their keys.

    Args:
        picture: PNG to write: a diagram per set, of the first network, before and after.
    """
    curves: dict[str, GradedRegions] = {}
    drawn = next(iter(networks))
    lines = [HEAD]
    for name, data in sets.items():
        for title, network in networks.items():
            recorder = Recorder(recipe, network)
            evaluate(analyser(recipe, recorder), data)
            before = judged(calibrated(recipe, 1.0, 0.0), recorder, data)
            after = judged(recipe, recorder, data)
            if title == drawn:
                curves |= {f"{name}, before": before, f"{name}, after": after}
            lines.append(f"| {' | '.join([name, title, *_cells(before, after)])} |")
    plot_reliability(curves, picture, columns=len(sets))
    return lines


def _cells(before: GradedRegions, after: GradedRegions) -> list[str]:
    if not len(after):
        return ["0", *"-----"]
    errors = [_error(j) for j in (before, after)]
    chance = perfect_error(after.suspicion) or 0.0
    losses = [f"{log_loss(j.suspicion, j.positive):.3f}" for j in (before, after)]
    return [str(len(after)), *errors, f"{chance:.3f}", *losses]


def _error(judged: GradedRegions) -> str:
    error = calibration_error(judged.suspicion, judged.positive)
    interval = calibration_interval(judged)
    if error is None or interval is None:
        return "-"
    return f"{error:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"
