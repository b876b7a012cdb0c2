"""An engine's answers, measured: accuracy against the truth, agreement with a reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sonoedge.engines.golden import differences
from sonoedge.processing.postprocess import EMBEDDING, PostprocessSpec
from sonoedge.runtime import Tensors
from sonoedge_export.evaluation.accuracy import figures, subgroups
from sonoedge_export.evaluation.answers import Answers
from sonoedge_export.evaluation.outcomes import Outcome


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Results:
    """One engine's answers and what they are worth.

    Attributes:
        outcomes: one per frame, in order.
        metrics: see `figures`; where raw outputs were compared with the reference's, also
            `map_levels` (largest difference of a map's cell, in levels of 255), `probs`
            (of a probability) and, where there is one, `embedding` (largest distance).
        postprocess: positive labels and threshold that the outcomes were made with.
        tensors: see `Answers`.
    """

    outcomes: Sequence[Outcome]
    metrics: Mapping[str, Any]
    postprocess: PostprocessSpec
    tensors: Sequence[Tensors] = ()


def measure(
    answers: Answers | Results,
    reference: Answers | Results | None,
    postprocess: PostprocessSpec,
    *,
    intervals: bool = True,
) -> Results:
    """Compare answers with the truth, and with those of a reference on the same frames.

    Args:
        reference: None for the reference itself.
        intervals: leave the bootstrap intervals out to save time.
    """
    metrics = figures(
        answers.outcomes,
        (reference or answers).outcomes,
        positive=postprocess.positive,
        threshold=postprocess.flag_threshold,
        intervals=intervals,
    )
    if reference is not None and answers.tensors and reference.tensors:
        metrics |= _largest_differences(answers.tensors, reference.tensors)
    return Results(
        outcomes=answers.outcomes,
        metrics=metrics,
        postprocess=postprocess,
        tensors=answers.tensors,
    )


def measure_subgroups(results: Results, reference: Results) -> dict[str, dict[str, Any]]:
    """The figures of each subgroup of the frames, by its name; see `subgroups`."""
    spec, groups = results.postprocess, {}
    for name, index in subgroups(results.outcomes).items():
        if len(index) < len(results.outcomes):
            groups[name] = figures(
                [results.outcomes[i] for i in index],
                [reference.outcomes[i] for i in index],
                positive=spec.positive,
                threshold=spec.flag_threshold,
            )
    return groups


def _largest_differences(ours: Sequence[Tensors], theirs: Sequence[Tensors]) -> dict[str, float]:
    rows = [differences(a, b) for a, b in zip(ours, theirs, strict=True)]
    maps = [v for row in rows for k, v in row.items() if k not in ("class_probs", EMBEDDING)]
    probs = [row["class_probs"] for row in rows if "class_probs" in row]
    largest = {"map_levels": max(maps, default=0.0), "probs": max(probs, default=0.0)}
    if rows and EMBEDDING in rows[0]:
        largest[EMBEDDING] = max(map(_distance, ours, theirs))
    return largest


def _distance(a: Tensors, b: Tensors) -> float:
    """Between two embeddings of length 1: 0 to 2; infinite where one is not finite."""
    one, other = (np.asarray(answer[EMBEDDING], np.float64) for answer in (a, b))
    distance = float(np.linalg.norm(one - other))
    return distance if np.isfinite(distance) else float("inf")
