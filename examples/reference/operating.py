"""The operating point: from which suspicion a region is flagged, and what that costs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from recorded import Recorder, Replay, analyser
from sonoedge.errors import InvalidData
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge_export.data.evaluation_set import joined
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.outcomes import Outcome, evaluate
from sonoedge_export.recipe.recipe import Recipe

SENSITIVITIES = (0.90, 0.93, 0.95, 0.97)  # whose cost is printed


def outcomes(recipe: Recipe, recorder: Recorder, data: Labelled) -> list[Outcome]:
    """The recipe's outcomes on frames whose answers are recorded."""
    return evaluate(analyser(recipe, Replay(recorder, recipe.outputs)), data)


def per_set(outcomes: list[Outcome], sets: Sequence[Labelled]) -> list[list[Outcome]]:
    """The outcomes of each set, which came one after the other."""
    ends = list(itertools.accumulate(len(s) for s in sets))
    return [outcomes[end - len(s) : end] for s, end in zip(sets, ends, strict=True)]


def flag_threshold(scores: Sequence[float], sensitivity: float) -> float:
    """The highest threshold, in steps of 0.005, that flags this share of the scores; 0 if none.

    Args:
        scores: the suspicion of each malignant frame, 0 where it shows no region.
    """
    highest = np.quantile(scores, 1 - sensitivity, method="lower")
    return float(np.floor(highest * 200) / 200)


def choose_flag(
    recipe: Recipe, recorder: Recorder, sets: Sequence[Labelled], sensitivity: float
) -> PostprocessSpec:
    """The flag's threshold; prints what each sensitivity would cost.

    Raises:
        InvalidData: too many malignant frames show no region.
    """
    positive, done = recipe.postprocess.positive, outcomes(recipe, recorder, joined(sets))
    scores = [o.suspicion for o in done if o.label in positive]
    for share in sorted({*SENSITIVITIES, sensitivity}):
        threshold = flag_threshold(scores, share)
        cells = []
        for data, own in zip(sets, per_set(done, sets), strict=True):
            flags = np.array([o.suspicion >= threshold > 0 for o in own])
            wanted = np.array([o.label in positive for o in own])
            rates = f"{np.mean(flags[wanted]):.3f}, {np.mean(~flags[~wanted]):.3f}"
            cells.append(f"{data.name} {rates}")
        print(
            f"flag {threshold:.3f} for {share:.2f}: {'; '.join(cells)} (sensitivity, specificity)"
        )
    threshold = flag_threshold(scores, sensitivity)
    if threshold == 0:
        raise InvalidData(
            f"{np.mean(np.array(scores) == 0):.1%} of the malignant frames show no region: "
            f"no threshold flags {sensitivity:.0%}"
        )
    return replace(recipe.postprocess, flag_threshold=threshold)
