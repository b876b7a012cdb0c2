from __future__ import annotations

from sonoedge_export.evaluation.answers import Answers
from sonoedge_export.evaluation.outcomes import Outcome
from sonoedge_export.evaluation.results import measure
from sonoedge_export.gates import Gates
from sonoedge_export.gates.assess import Assessment, References, assess

from .outcomes import SPEC, trained, with_

MANY = trained(400)
FLIPPED = [with_(MANY[0], suspicion=1 - MANY[0].suspicion), *MANY[1:]]


def assessed(
    outcomes: list[Outcome], *, pruned: bool, own: list[Outcome] | None = None
) -> Assessment:
    references = References(
        unpruned=measure(Answers(outcomes=MANY), None, SPEC, intervals=False),
        pruned=None if own is None else Answers(outcomes=own),
    )
    answers = Answers(outcomes=outcomes)
    return assess(answers, references, Gates(), precision="int8", pruned=pruned)


def test_an_unpruned_variant_is_judged_against_the_trained_network_alone() -> None:
    assessment = assessed(FLIPPED, pruned=False, own=FLIPPED)
    assert assessment.results.metrics["flag_agreement"] == 1 - 1 / 400
    assert "own" not in assessment.results.metrics
    assert {j.gate for j in assessment.verdict.results} >= {"dice_drop", "flag_agreement"}


def test_a_pruned_variant_keeps_its_agreement_with_both_networks() -> None:
    metrics = assessed(FLIPPED, pruned=True, own=FLIPPED).metrics()
    assert metrics["flag_agreement"] == 1 - 1 / 400
    assert metrics["own"]["flag_agreement"] == 1
    assert metrics["gates"]["flag_agreement"]["measured"] == 1
    assert metrics["gates"]["pruned_flag_agreement"]["measured"] == 1 - 1 / 400


def test_without_its_own_network_a_pruned_variant_is_judged_by_what_it_lost() -> None:
    assessment = assessed(FLIPPED, pruned=True)
    assert [j.gate for j in assessment.verdict.results] == [
        "dice_drop", "auroc_drop", "sensitivity_drop", "pruned_flag_agreement",
    ]  # fmt: skip
    assert "own" not in assessment.results.metrics
