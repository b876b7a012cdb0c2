"""Judge a variant against the trained network.

The burden of proof is on the variant. A figure that misses its limit fails, however few the
frames: a small set must never make it easier to be shipped. A figure that holds its limit
passes only where its whole 95 % interval does (non-inferiority: Piaggio et al. 2012, JAMA
308:2594), and is undecided otherwise. See docs/gates.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from sonoedge.postprocess import PostprocessSpec
from sonoedge_export.evaluate import Outcome
from sonoedge_export.gates.limits import Gates
from sonoedge_export.gates.needed import needed
from sonoedge_export.gates.paired import Measured, Paired
from sonoedge_export.gates.verdict import Answer, Judged, Verdict

# Below so many independent frames a bootstrap interval is too narrow to be trusted.
FEWEST: Final = 30


class Results(Protocol):
    """What is judged: `Verified`, or anything with these."""

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """One per frame."""
        ...

    @property
    def metrics(self) -> Mapping[str, Any]:
        """See `figures`; an fp32 variant's with `map_levels` and `probs`, where tensors were
        compared."""
        ...

    @property
    def postprocess(self) -> PostprocessSpec:
        """Positive labels and threshold."""
        ...


def judge(gates: Gates, precision: str, verified: Results, trained: Results) -> Verdict:
    """What each gate says of a variant.

    Args:
        precision: "fp32" has exact gates alone (it must be the same network); every
            other one those of a paired bootstrap.
        verified, trained: the variant's and the trained network's results on the same frames.
    """
    by = _exact if precision == "fp32" else _by_bootstrap
    judged = by(gates, verified, trained)
    return Verdict(judged=judged, refuse_undecided=gates.undecided == "refuse")


def _exact(gates: Gates, verified: Results, trained: Results) -> tuple[Judged, ...]:
    metrics, before = verified.metrics, trained.metrics
    found = [_at_least("flag_agreement", metrics["flag_agreement"], gates.fp32_flag_agreement)]
    for gate, limit in (("map_levels", gates.fp32_map_levels), ("probs", gates.fp32_probs)):
        if gate in metrics:
            found.append(_at_most(gate, metrics[gate], limit))
    for gate, name in (("dice_drop", "dice_mean"), ("auroc_drop", "malignancy_auroc")):
        if before[name] is not None:
            after = float("-inf") if metrics[name] is None else metrics[name]
            found.append(_at_most(gate, before[name] - after, getattr(gates, gate)))
    return tuple(found)


def _at_least(gate: str, value: float, limit: float) -> Judged:
    return _one(gate, value, limit, value >= limit, "at least")


def _at_most(gate: str, value: float, limit: float) -> Judged:
    return _one(gate, value, limit, value <= limit, "at most")


def _one(gate: str, value: float, limit: float, holds: bool, word: str) -> Judged:
    why = f"{gate} is {value:.4g}, {word} {limit:.4g} wanted"
    answer: Answer = "pass" if holds else "fail"
    return Judged(gate=gate, answer=answer, measured=value, limit=limit, ci95=None, why=why)


def _by_bootstrap(gates: Gates, verified: Results, trained: Results) -> tuple[Judged, ...]:
    spec = trained.postprocess
    pair = Paired(
        verified.outcomes,
        trained.outcomes,
        positive=spec.positive,
        threshold=spec.flag_threshold,
    )
    return (
        _weigh("dice_drop", pair.dice_drop(), gates.dice_drop, "frame with a lesion"),
        _weigh("auroc_drop", pair.auroc_drop(), gates.auroc_drop, "lesion of both kinds"),
        _weigh(
            "sensitivity_drop",
            pair.sensitivity_drop(),
            gates.sensitivity_drop,
            "labelled frame of both kinds",
        ),
        _weigh("flag_agreement", pair.flag_agreement(), gates.flag_agreement, "frame"),
        _weigh(
            "decided_agreement",
            pair.decided_agreement(),
            gates.decided_agreement,
            "frame away from the threshold",
        ),
    )


def _weigh(gate: str, found: Measured | None, limit: float, rests_on: str) -> Judged:
    """Pass, fail or undecided."""
    if found is None:
        why = f"{gate} cannot be measured: there is no {rests_on}"
        return Judged(gate=gate, answer="undecided", measured=None, limit=limit, ci95=None, why=why)
    at_least = gate.endswith("agreement")

    def holds(value: float) -> bool:
        return value >= limit if at_least else value <= limit

    why = f"{gate} is {found.value:.4f}, {'at least' if at_least else 'at most'} {limit:.4g} wanted"
    if found.ci95 is not None:
        why += f" (95 % {found.ci95[0]:.4f} to {found.ci95[1]:.4f}, {found.units} independent)"
    worst = None if found.ci95 is None else found.ci95[0 if at_least else 1]
    answer: Answer
    if not holds(found.value):
        answer = "fail"
    elif worst is not None and holds(worst) and found.units >= FEWEST:
        answer = "pass"
    else:
        answer = "undecided"
        count = needed(found, limit, at_least=at_least, fewest=FEWEST)
        why += ": too few to decide" + ("" if count is None else f", about {count} would")
    return Judged(
        gate=gate,
        answer=answer,
        measured=found.value,
        limit=limit,
        ci95=found.ci95,
        why=why,
    )
