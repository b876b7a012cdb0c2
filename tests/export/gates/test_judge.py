from __future__ import annotations

import json

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge_export.evaluation.outcomes import Outcome
from sonoedge_export.gates import GateResult, Gates, Verdict, judge, judge_pruned

from .outcomes import results, trained, unlabelled, with_, with_metrics

MANY = trained(1000)
FEW = trained(60)


def verdict(
    variant: list[Outcome],
    before: list[Outcome],
    gates: Gates | None = None,
    precision: str = "int8",
) -> Verdict:
    return judge(gates or Gates(), precision, results(variant, before), results(before, before))


def gate(name: str, found: Verdict) -> GateResult:
    (one,) = [j for j in found.results if j.gate == name]
    return one


def test_the_same_answers_on_many_frames_pass_every_gate() -> None:
    found = verdict(MANY, MANY)
    assert [j.gate for j in found.results] == [
        "dice_drop", "auroc_drop", "sensitivity_drop", "flag_agreement", "decided_agreement",
    ]  # fmt: skip
    # 99.9 % wants more decided frames than there are: see below.
    answers = {j.gate: j.answer for j in found.results}
    assert answers.pop("decided_agreement") == "undecided"
    assert set(answers.values()) == {"pass"}


def test_99_9_percent_is_shown_by_so_many_frames_and_not_by_fewer() -> None:
    far = [o for o in unlabelled(9000) if abs(o.suspicion - 0.5) > 0.05]
    assert gate("decided_agreement", verdict(far[:3688], far[:3688])).answer == "pass"
    short = gate("decided_agreement", verdict(far[:3687], far[:3687]))
    assert short.answer == "undecided"
    assert "about 3688 would be needed" in short.why


@pytest.mark.req("R32")
def test_the_same_answers_on_few_frames_are_undecided_and_never_pass_in_silence() -> None:
    found = verdict(FEW, FEW)
    assert found.failed == []
    assert gate("flag_agreement", found).answer == "undecided"
    assert gate("flag_agreement", found).measured == 1.0
    assert "too few to decide; about 245 would be needed" in gate("flag_agreement", found).why
    assert gate("sensitivity_drop", found).answer == "undecided"
    assert found.refusals == []
    assert verdict(FEW, FEW, Gates(undecided="refuse")).refusals == found.undecided


@pytest.mark.req("R32")
def test_under_thirty_independent_frames_no_bootstrap_is_believed() -> None:
    assert gate("dice_drop", verdict(trained(29), trained(29))).answer == "undecided"
    assert gate("dice_drop", verdict(trained(30), trained(30))).answer == "pass"
    patients = trained(90, per_patient=10)
    assert gate("dice_drop", verdict(patients, patients)).answer == "undecided"
    # The fewer of the two kinds count for AUROC.
    assert gate("auroc_drop", verdict(trained(58), trained(58))).answer == "undecided"
    assert gate("auroc_drop", verdict(trained(60), trained(60))).answer == "pass"


@pytest.mark.parametrize(("loss", "answer"), [(0.001, "pass"), (0.004, "pass"), (0.006, "fail")])
def test_dice_may_drop_by_no_more_than_its_limit(loss: float, answer: str) -> None:
    variant = [with_(o, dice=o.dice - loss) for o in MANY]
    found = gate("dice_drop", verdict(variant, MANY))
    assert found.answer == answer
    assert found.measured == pytest.approx(loss)
    assert found.ci95 == pytest.approx((loss, loss))


def test_a_drop_below_the_limit_that_chance_could_hide_is_undecided() -> None:
    # One frame of 60 loses 0.24 of its Dice: 0.004 in the mean, or 0.012 in a resample.
    variant = [with_(FEW[0], dice=FEW[0].dice - 0.24), *FEW[1:]]
    found = gate("dice_drop", verdict(variant, FEW))
    assert found.answer == "undecided"
    assert found.measured == pytest.approx(0.004)
    assert "too few to decide; about" in found.why


@pytest.mark.req("R31")
def test_what_was_measured_beyond_the_limit_fails_however_few_the_frames() -> None:
    variant = [with_(FEW[0], dice=FEW[0].dice - 0.6), *FEW[1:]]
    found = gate("dice_drop", verdict(variant, FEW))
    assert found.answer == "fail"
    assert found.why.startswith("dice_drop is 0.0100; at most 0.005 is required (95 % interval ")
    assert found.ci95 is not None
    assert found.ci95[0] == pytest.approx(0.0)


def test_auroc_may_drop_by_no_more_than_its_limit() -> None:
    # Every tenth malignant frame becomes as unsuspicious as a frame can be.
    worse = [with_(o, suspicion=0.01) if n % 20 == 1 else o for n, o in enumerate(MANY)]
    assert gate("auroc_drop", verdict(worse, MANY)).answer == "fail"
    # A variant that ranks every frame alike has lost nothing, whatever its levels.
    cooler = [with_(o, suspicion=o.suspicion * 0.9) for o in MANY]
    found = gate("auroc_drop", verdict(cooler, MANY))
    assert (found.answer, found.measured) == ("pass", 0.0)


def test_sensitivity_is_compared_at_the_same_specificity() -> None:
    # All suspicions fall by a tenth: flags change, and with the threshold moved nothing is lost.
    cooler = [with_(o, suspicion=o.suspicion * 0.9) for o in MANY]
    found = verdict(cooler, MANY)
    assert gate("sensitivity_drop", found).measured == 0.0
    assert gate("sensitivity_drop", found).answer == "pass"
    assert gate("flag_agreement", found).answer == "fail"


def test_sensitivity_may_drop_by_no_more_than_its_limit() -> None:
    flagged = [n for n, o in enumerate(MANY) if o.label == "malignant" and o.suspicion > 0.6]
    for lost, answer in ((0, "pass"), (4, "undecided"), (6, "fail")):
        variant = list(MANY)
        for n in flagged[:lost]:
            variant[n] = with_(MANY[n], suspicion=0.02)
        found = gate("sensitivity_drop", verdict(variant, MANY))
        assert found.measured == pytest.approx(lost / 500)
        assert found.answer == answer


@pytest.mark.req("R31")
def test_flags_must_agree_on_so_many_frames() -> None:
    for flips, answer in ((6, "pass"), (14, "undecided"), (16, "fail")):
        variant = [with_(o, suspicion=1 - o.suspicion) for o in MANY[:flips]] + MANY[flips:]
        found = gate("flag_agreement", verdict(variant, MANY))
        assert found.measured == 1 - flips / 1000
        assert found.answer == answer


def test_frames_near_the_threshold_are_forgiven_and_others_are_not() -> None:
    near = [with_(o, suspicion=0.46) for o in unlabelled(20)]
    far = [with_(o, suspicion=0.44) for o in unlabelled(20)]
    rest = [o for o in unlabelled(9000) if abs(o.suspicion - 0.5) > 0.05]
    before = near + far + rest
    flipped = [with_(o, suspicion=0.51) for o in near]
    found = gate("decided_agreement", verdict(flipped + far + rest, before))
    assert (found.measured, found.answer) == (1.0, "pass")
    flipped = [with_(o, suspicion=0.51) for o in far]
    found = gate("decided_agreement", verdict(near + flipped + rest, before))
    assert found.measured == 1 - 20 / (len(rest) + 20)
    assert found.answer == "fail"


def test_without_labels_only_agreement_is_judged() -> None:
    unknown = unlabelled(400)
    found = verdict(unknown, unknown)
    undecided = {j.gate: j.why for j in found.results if j.measured is None}
    assert set(undecided) == {"dice_drop", "auroc_drop", "sensitivity_drop"}
    assert undecided["dice_drop"] == "dice_drop cannot be measured: there is no frame with a lesion"
    assert gate("flag_agreement", found).answer == "pass"


def test_a_better_network_passes() -> None:
    better = [with_(o, dice=min(1.0, o.dice + 0.05)) for o in MANY]
    assert gate("dice_drop", verdict(better, MANY)).answer == "pass"


@pytest.mark.req("R12")
def test_an_answer_that_is_no_number_fails() -> None:
    variant = [with_(o, suspicion=float("nan")) for o in FEW]
    found = verdict(variant, FEW)
    assert gate("auroc_drop", found).answer == "fail"
    json.dumps(found.figures(), allow_nan=False)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"map_levels": 2.0}, "map_levels is 2; at most 1 is required"),
        ({"probs": 2e-4}, "probs is 0.0002; at most 0.0001 is required"),
        ({"probs": float("inf")}, "probs is inf"),
        ({"probs": float("nan")}, "probs is nan"),
        ({"flag_agreement": 0.999}, "flag_agreement is 0.999; at least 1 is required"),
        ({"dice_mean": -1.0}, "dice_drop is 1.8"),
        ({"malignancy_auroc": None}, "auroc_drop is inf"),
    ],
)
def test_fp32_must_be_the_same_network(change: dict[str, float | None], says: str) -> None:
    before = results(FEW, FEW)
    (failed,) = judge(
        Gates(), "fp32", with_metrics(FEW, {**before.metrics, **change}), before
    ).failed
    assert says in failed
    assert judge(Gates(), "fp32", before, before).results
    assert judge(Gates(), "fp32", before, before).failed == []
    assert judge(Gates(), "fp32", before, before).undecided == []


def test_maps_may_differ_where_the_precision_does() -> None:
    before = results(FEW, FEW)
    apart = with_metrics(FEW, {**before.metrics, "map_levels": 9.0, "probs": 0.01})
    assert judge(Gates(), "bf16", apart, before).failed == []


@pytest.mark.parametrize(
    "wrong",
    [{"flag_agreement": 1.1}, {"decided_agreement": -0.1}, {"dice_drop": -0.1},
     {"sensitivity_drop": float("nan")}],
)  # fmt: skip
def test_limits_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidSettings, match=next(iter(wrong))):
        Gates(**wrong)  # type: ignore[arg-type]


def test_a_pruned_network_is_measured_against_the_unpruned_and_its_engine_against_itself() -> None:
    before = results(MANY, MANY)
    own_frames = [with_(o, suspicion=o.suspicion + 0.02) for o in MANY]
    own = results(own_frames, MANY)
    # The engine answers as the pruned network does: exactly in fp32, nearly in int8.
    exact = judge_pruned(Gates(), "fp32", results(own_frames, own_frames), before, own)
    assert exact.failed == []
    assert gate("flag_agreement", exact).measured == 1
    assert gate("pruned_flag_agreement", exact).measured < 1  # type: ignore[operator]
    assert gate("pruned_flag_agreement", exact).answer == "pass"
    # Its flags are not the unpruned network's, and need not be; they must be its own.
    as_unpruned = judge_pruned(Gates(), "int8", before, before, own)
    assert gate("flag_agreement", as_unpruned).answer == "fail"
    assert gate("pruned_flag_agreement", as_unpruned).measured == 1


def test_a_pruned_network_that_lost_dice_or_flags_others_fails() -> None:
    before = results(MANY, MANY)
    worse = [with_(o, dice=o.dice - 0.006) for o in MANY]
    for precision in ("fp32", "int8"):
        found = judge_pruned(
            Gates(), precision, results(worse, worse), before, results(worse, MANY)
        )
        assert gate("dice_drop", found).answer == "fail"
    turned = [with_(o, suspicion=1 - o.suspicion) for o in MANY]
    found = judge_pruned(Gates(), "fp32", results(turned, turned), before, None)
    assert gate("pruned_flag_agreement", found).answer == "fail"
    assert [j.gate for j in found.results if j.gate == "flag_agreement"] == []


@pytest.mark.parametrize(
    ("precision", "distance", "answer"),
    [
        ("fp32", 9e-5, "pass"),
        ("fp32", 2e-4, "fail"),
        ("int8", 0.19, "pass"),
        ("int8", 0.21, "fail"),
    ],
)
def test_an_embedding_must_stay_near_the_trained_networks(
    precision: str, distance: float, answer: str
) -> None:
    same = results(MANY, MANY)
    variant = with_metrics(MANY, {**same.metrics, "embedding": distance})
    found = judge(Gates(), precision, variant, same)
    assert gate("embedding", found).answer == answer
    assert bool(found.failed) == (answer == "fail")
