from __future__ import annotations

from dataclasses import replace

import pytest

from sonoedge.bundle import Gates
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge_export.evaluation.accuracy import figures, grouped, repeated
from sonoedge_export.evaluation.answers import Answers
from sonoedge_export.evaluation.outcomes import Outcome
from sonoedge_export.evaluation.results import measure
from sonoedge_export.gates import judge

FRAME = Outcome(
    analysed=True, label="malignant", patient=None, device=None, flags=(), has_lesion=True,
    dice=0.9, lesions=1, lesions_found=1, false_regions=0, suspicion=0.8, flagged=True,
)  # fmt: skip


def frames(*rows: tuple[str | None, str]) -> list[Outcome]:
    return [replace(FRAME, patient=patient, pixels_sha256=digest) for patient, digest in rows]


def samples(outcomes: list[Outcome]) -> list[int]:
    names = grouped(outcomes).tolist()
    return [names.index(name) for name in names]


@pytest.mark.req("R33")
def test_frames_of_one_patient_are_one_sample_and_unknown_ones_stand_alone() -> None:
    assert samples(frames(("a", "1"), (None, "2"), ("a", "3"), (None, "4"))) == [0, 1, 0, 3]


@pytest.mark.req("R33")
def test_copies_of_a_picture_are_one_sample_whatever_patient_they_are_listed_under() -> None:
    assert samples(frames(("a", "1"), ("b", "1"), ("b", "2"), ("c", "3"))) == [0, 0, 0, 3]
    assert samples(frames((None, "1"), (None, "1"), (None, ""), (None, ""))) == [0, 0, 2, 3]


def test_repeated_frames_are_counted() -> None:
    outcomes = frames((None, "1"), (None, "2"), (None, "1"), (None, "1"))
    assert repeated(outcomes) == 2
    assert figures(outcomes, outcomes, positive=["malignant"])["repeated_frames"] == 2


@pytest.mark.req("R33")
def test_listing_frames_three_times_decides_no_gate() -> None:
    spec = PostprocessSpec(labels=("benign", "malignant"), positive=("malignant",))
    once = [replace(FRAME, pixels_sha256=str(n)) for n in range(100)]
    answers = []
    for outcomes in (once, once * 3):
        results = measure(Answers(outcomes=outcomes), None, spec, intervals=False)
        verdict = judge(Gates(), "int8", results, results)
        answers.append({gate.gate: gate.answer for gate in verdict.results})
    assert answers[0] == answers[1]
    assert answers[0]["flag_agreement"] == "undecided"  # it takes 245 frames, not 100 three times
