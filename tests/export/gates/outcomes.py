"""Drawn outcomes of two networks on the same frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge_export.evaluation.accuracy import figures
from sonoedge_export.evaluation.outcomes import Outcome
from sonoedge_export.evaluation.results import Results

SPEC = PostprocessSpec(labels=("benign", "malignant"), positive=("malignant",), flag_threshold=0.5)


def trained(count: int, *, per_patient: int | None = None, seed: int = 0) -> list[Outcome]:
    """Half of the frames malignant; Dice about 0.8, suspicions that overlap."""
    rng = np.random.default_rng(seed)
    made = []
    for n in range(count):
        bad = n % 2 == 1
        suspicion = float(np.clip(rng.normal(0.75 if bad else 0.25, 0.2), 0, 1))
        made.append(
            Outcome(
                analysed=True,
                label="malignant" if bad else "benign",
                patient=None if per_patient is None else str(n // per_patient),
                device=None,
                flags=(),
                has_lesion=True,
                dice=float(rng.beta(8, 2)),
                lesions=1,
                lesions_found=1,
                false_regions=0,
                suspicion=suspicion,
                flagged=suspicion >= SPEC.flag_threshold,
            )
        )
    return made


def unlabelled(count: int) -> list[Outcome]:
    """The same, where nobody knows what the frames show."""
    return [replace(o, label=None, has_lesion=False) for o in trained(count)]


def with_(
    outcome: Outcome, *, dice: float | None = None, suspicion: float | None = None
) -> Outcome:
    """The same frame, answered otherwise."""
    s = outcome.suspicion if suspicion is None else suspicion
    d = outcome.dice if dice is None else dice
    return replace(outcome, dice=d, suspicion=s, flagged=s >= SPEC.flag_threshold)


def results(outcomes: Sequence[Outcome], reference: Sequence[Outcome]) -> Results:
    found = figures(
        outcomes, reference, positive=SPEC.positive, threshold=SPEC.flag_threshold, intervals=False
    )
    return with_metrics(outcomes, found | {"map_levels": 0.0, "probs": 0.0})


def with_metrics(outcomes: Sequence[Outcome], metrics: Mapping[str, Any]) -> Results:
    return Results(outcomes=outcomes, metrics=metrics, postprocess=SPEC)
