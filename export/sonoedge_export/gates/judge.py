"""Judge a variant against the trained network.

The burden of proof is on the variant. A figure that misses its limit fails, however few the
frames: a small set must never make it easier to be shipped. A figure that holds its limit
passes only where its whole 95 % interval does (non-inferiority: Piaggio et al. 2012, JAMA
308:2594), and is undecided otherwise. See docs/explanation/gates.md.
"""

from __future__ import annotations

from typing import Final

from sonoedge.bundle import Gates
from sonoedge.processing.postprocess import EMBEDDING
from sonoedge_export.evaluation.answers import Answers
from sonoedge_export.evaluation.results import Results
from sonoedge_export.gates.paired import Paired
from sonoedge_export.gates.verdict import GateResult, Verdict
from sonoedge_export.gates.weigh import at_least, at_most, weigh

# Largest distance of an embedding (of length 1) from the trained network's, beyond fp32.
EMBEDDING_DISTANCE: Final = 0.2


def judge(gates: Gates, precision: str, variant: Results, trained: Results) -> Verdict:
    """What each gate says of a variant.

    Args:
        precision: "fp32" has exact gates alone (it must be the same network); every
            other one those of a paired bootstrap.
        variant, trained: the variant's and the trained network's results on the same frames.
    """
    if precision == "fp32":
        results = (*_same(gates, variant), *_exact_drops(gates, variant, trained))
    else:
        pair = _pair(variant, trained, trained)
        results = (*drops(gates, pair), *_agreement(gates, pair), *_embedding(variant))
    return Verdict(results=results, refuse_undecided=gates.undecided == "refuse")


def judge_pruned(
    gates: Gates, precision: str, variant: Results, trained: Results, own: Answers | Results | None
) -> Verdict:
    """What each gate says of a variant of a pruned network.

    Pruned and trained anew it is another network, whose flags near the threshold fall
    otherwise: what it lost is measured against the unpruned network, whether its engine
    computes it right against itself.

    Args:
        variant: the variant's results; their metrics are those against `own`.
        trained: the unpruned trained network's results on the same frames.
        own: the pruned network's, in float; None leaves out the gates that need them.
    """
    pair = _pair(variant, trained, trained)
    results = [*drops(gates, pair)]
    if own is not None and precision == "fp32":
        results += _same(gates, variant)
    elif own is not None:
        results += (*_agreement(gates, _pair(variant, own, trained)), *_embedding(variant))
    name = "pruned_flag_agreement"
    results.append(weigh(name, pair.flag_agreement(), gates.pruned_flag_agreement, "frame"))
    return Verdict(results=tuple(results), refuse_undecided=gates.undecided == "refuse")


def _same(gates: Gates, variant: Results) -> tuple[GateResult, ...]:
    """The exact gates of an engine that must compute the very same network."""
    metrics = variant.metrics
    results = [at_least("flag_agreement", metrics["flag_agreement"], gates.fp32_flag_agreement)]
    limits = (
        ("map_levels", gates.fp32_map_levels),
        ("probs", gates.fp32_probs),
        (EMBEDDING, gates.fp32_probs),
    )
    for gate, limit in limits:
        if gate in metrics:
            results.append(at_most(gate, metrics[gate], limit))
    return tuple(results)


def _embedding(variant: Results) -> tuple[GateResult, ...]:
    """The same scope must be taught by every precision's embedding."""
    distance = variant.metrics.get(EMBEDDING)
    return () if distance is None else (at_most(EMBEDDING, distance, EMBEDDING_DISTANCE),)


def _exact_drops(gates: Gates, variant: Results, trained: Results) -> tuple[GateResult, ...]:
    metrics, before = variant.metrics, trained.metrics
    results = []
    for gate, name in (("dice_drop", "dice_mean"), ("auroc_drop", "malignancy_auroc")):
        if before[name] is not None:
            after = float("-inf") if metrics[name] is None else metrics[name]
            results.append(at_most(gate, before[name] - after, getattr(gates, gate)))
    return tuple(results)


def _pair(variant: Results, reference: Answers | Results, trained: Results) -> Paired:
    spec = trained.postprocess
    return Paired(
        variant.outcomes,
        reference.outcomes,
        positive=spec.positive,
        threshold=spec.flag_threshold,
    )


def drops(gates: Gates, pair: Paired) -> tuple[GateResult, ...]:
    """What was lost in Dice, AUROC and sensitivity."""
    return (
        weigh("dice_drop", pair.dice_drop(), gates.dice_drop, "frame with a lesion"),
        weigh("auroc_drop", pair.auroc_drop(), gates.auroc_drop, "lesion of both kinds"),
        weigh(
            "sensitivity_drop",
            pair.sensitivity_drop(),
            gates.sensitivity_drop,
            "labelled frame of both kinds",
        ),
    )


def _agreement(gates: Gates, pair: Paired) -> tuple[GateResult, ...]:
    return (
        weigh("flag_agreement", pair.flag_agreement(), gates.flag_agreement, "frame"),
        weigh(
            "decided_agreement",
            pair.decided_agreement(),
            gates.decided_agreement,
            "frame away from the threshold",
        ),
    )
