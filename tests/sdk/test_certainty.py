"""Two thresholds with a guarantee that simulations can check."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sonoedge.certainty import (
    Answer,
    CalibratedOn,
    Certainty,
    calibrate,
    least_frames,
    one_per_patient,
    sentence,
)
from sonoedge.errors import InvalidSettings

ON = CalibratedOn(name="drawn", sha256="0" * 64, patients=40, malignant=20, benign=20)


def certainty(**values: Any) -> Certainty:
    return Certainty(**{"alpha": 0.05, "calibrated_on": ON} | values)


def simulated(rng: np.random.Generator, n: int) -> tuple[Any, Any]:
    """Suspicions of n malignant and n benign frames that overlap."""
    malignant = np.arange(2 * n) < n
    return rng.beta(np.where(malignant, 3, 1), np.where(malignant, 1.5, 4)), malignant


@pytest.mark.req("R88")
@pytest.mark.parametrize("alpha", [0.05, 0.1])
def test_each_class_is_covered_on_200_simulated_sets(alpha: float) -> None:
    rng = np.random.default_rng(0)
    covered: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(200):
        found = calibrate(*simulated(rng, 60), alpha)
        sets = certainty(
            alpha=alpha, benign_up_to=found.benign_up_to, malignant_from=found.malignant_from
        )
        scores, malignant = simulated(rng, 300)
        answers = np.array([sets.answer(float(s)) for s in scores])
        covered[True].append(float((answers[malignant] != "benign only").mean()))
        covered[False].append(float((answers[~malignant] != "malignant only").mean()))
    for shares in covered.values():
        error = float(np.std(shares)) / len(shares) ** 0.5
        assert np.mean(shares) >= 1 - alpha - 2 * error
        assert np.mean(shares) <= 1 - alpha + 1 / 61 + 2 * error  # and is not merely always wide


@pytest.mark.req("R88")
@pytest.mark.parametrize(("alpha", "least"), [(0.1, 9), (0.05, 19), (0.01, 99)])
def test_below_the_least_number_of_frames_nothing_is_said(alpha: float, least: int) -> None:
    assert least_frames(alpha) == least
    rng = np.random.default_rng(1)
    enough = calibrate(*simulated(rng, least), alpha)
    assert enough.benign_up_to is not None
    assert enough.malignant_from is not None
    few = calibrate(*simulated(rng, least - 1), alpha)
    assert (few.benign_up_to, few.malignant_from) == (None, None)
    unknown = certainty(alpha=alpha, benign_up_to=None, malignant_from=None)
    assert {unknown.answer(s) for s in (0.0, 0.5, 1.0)} == {"cannot say"}


@pytest.mark.parametrize("one", ["benign_up_to", "malignant_from"])
def test_one_threshold_alone_says_nothing(one: str) -> None:
    sets = certainty(**{"benign_up_to": 0.5, "malignant_from": 0.5} | {one: None})
    assert {sets.answer(s) for s in (0.0, 0.5, 1.0)} == {"cannot say"}


@pytest.mark.parametrize(
    ("suspicion", "answer"),
    [
        (0.0, "benign only"),
        (0.19, "benign only"),
        (0.2, "cannot say"),
        (0.7, "cannot say"),
        (0.71, "malignant only"),
        (float("nan"), "cannot say"),
    ],
)
def test_an_answer_names_what_is_not_excluded(suspicion: float, answer: Answer) -> None:
    assert certainty(benign_up_to=0.7, malignant_from=0.2).answer(suspicion) == answer


def test_between_crossed_thresholds_neither_class_fits_and_nothing_is_said() -> None:
    crossed = certainty(benign_up_to=0.3, malignant_from=0.6)
    assert [crossed.answer(s) for s in (0.3, 0.45, 0.6)] == [
        "benign only",
        "cannot say",
        "malignant only",
    ]


def test_the_thresholds_are_the_finite_sample_quantiles() -> None:
    suspicion = np.concatenate([np.arange(1, 20) / 20, np.arange(1, 20) / 20])
    found = calibrate(suspicion, np.arange(38) < 19, 0.1)  # rank ceil(20 * 0.9) = 18 of 19
    assert found.benign_up_to == 0.9
    assert found.malignant_from == pytest.approx(0.1)


def test_a_patient_counts_once_whatever_the_number_of_frames() -> None:
    patients = np.array(["a"] * 50 + ["b", "c", "c"])
    malignant = np.array([True] * 50 + [False, False, True])
    chosen = one_per_patient(patients, malignant)
    assert sorted(zip(patients[chosen].tolist(), malignant[chosen].tolist(), strict=True)) == [
        ("a", True),
        ("b", False),
        ("c", False),
        ("c", True),
    ]
    assert one_per_patient(patients, malignant).tolist() == chosen.tolist()


@pytest.mark.parametrize("alpha", [0.0, -0.1, 0.51, float("nan")])
def test_a_share_of_errors_that_is_none_is_refused(alpha: float) -> None:
    with pytest.raises(InvalidSettings, match="alpha"):
        certainty(alpha=alpha, benign_up_to=0.5, malignant_from=0.5)


def test_a_sentence_carries_the_guarantee_and_never_a_promise_for_one_frame() -> None:
    sets = certainty(benign_up_to=0.7, malignant_from=0.2)
    assert sentence(sets, "cannot say") == "Neither benign nor malignant is excluded at 95%."
    assert "of malignant frames like those calibrated on, at most 5%" in sentence(
        sets, "benign only"
    )
