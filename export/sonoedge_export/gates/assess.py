"""A variant's answers against its references: figures, and what the gates say.

`export` and `verify` both judge by this one function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sonoedge.bundle import Gates
from sonoedge.processing.postprocess import EMBEDDING
from sonoedge_export.evaluation.answers import Answers
from sonoedge_export.evaluation.results import Results, measure
from sonoedge_export.gates.judge import judge, judge_pruned
from sonoedge_export.gates.verdict import Verdict

TENSORS: Final = ("map_levels", "probs", EMBEDDING)
OWN: Final = ("flag_agreement", "decided_agreement", *TENSORS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class References:
    """What variants are compared with, on the same frames.

    Attributes:
        unpruned: the trained network's results, or those that stand for it.
        pruned: the pruned network's answers, in float; None where there are none.
    """

    unpruned: Results
    pruned: Answers | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assessment:
    """A variant's results and verdict.

    Attributes:
        results: their metrics are against the unpruned network; for a variant of a pruned
            network `own` holds the agreement with that network, and the differences of raw
            outputs are from its outputs.
    """

    results: Results
    verdict: Verdict

    def metrics(self) -> dict[str, Any]:
        """All figures, the gates' answers under "gates"."""
        return {**self.results.metrics, "gates": self.verdict.figures()}


def assess(
    answers: Answers, references: References, gates: Gates, *, precision: str, pruned: bool
) -> Assessment:
    """Measure a variant's answers and judge them.

    Args:
        precision: the variant's; fp32 has exact gates.
        pruned: whether the variant is of a pruned network.
    """
    unpruned, own_answers = references.unpruned, references.pruned
    results = measure(answers, unpruned, unpruned.postprocess)
    if not pruned:
        return Assessment(results=results, verdict=judge(gates, precision, results, unpruned))
    if own_answers is None:
        verdict = judge_pruned(gates, precision, results, unpruned, None)
        return Assessment(results=results, verdict=verdict)
    against_own = measure(answers, own_answers, unpruned.postprocess, intervals=False)
    verdict = judge_pruned(gates, precision, against_own, unpruned, own_answers)
    metrics = {**results.metrics, **_of(TENSORS, against_own.metrics)}
    metrics["own"] = _of(OWN, against_own.metrics)
    merged = Results(
        outcomes=results.outcomes,
        metrics=metrics,
        postprocess=results.postprocess,
        tensors=results.tensors,
    )
    return Assessment(results=merged, verdict=verdict)


def _of(names: tuple[str, ...], metrics: Mapping[str, Any]) -> dict[str, Any]:
    return {name: metrics[name] for name in names if name in metrics}
