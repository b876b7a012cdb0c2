"""Thresholds and their coverage on labelled frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from head_samples import rows
from sonoedge.certainty import CalibratedOn, Certainty
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.heads.certainty import coverage, thresholds

ON = CalibratedOn(name="drawn", sha256="0" * 64, patients=40, malignant=20, benign=20)


def test_coverage_counts_each_class_by_itself() -> None:
    made = replace(
        rows(6),
        malignant=np.array([True, True, True, False, False, False]),
        suspicion=np.array([0.9, 0.5, 0.1, 0.1, 0.1, 0.9]),
    )
    sets = Certainty(alpha=0.1, benign_up_to=0.7, malignant_from=0.3, calibrated_on=ON)
    found = coverage("made", made, sets)
    assert (found.malignant, found.benign) == (3, 3)
    assert found.malignant_covered == pytest.approx(2 / 3)  # 0.1 is answered "benign only"
    assert found.benign_covered == pytest.approx(2 / 3)  # 0.9 is answered "malignant only"
    assert found.one_answer == pytest.approx(5 / 6)
    assert found.wrong == pytest.approx(2 / 5)
    assert found.malignant_ci95 is not None
    assert found.malignant_ci95[0] < 2 / 3 < found.malignant_ci95[1]


def test_without_frames_of_a_class_its_coverage_is_not_told() -> None:
    made = rows(20)
    benign = made.take(~made.malignant)
    sets = Certainty(alpha=0.1, benign_up_to=0.7, malignant_from=0.3, calibrated_on=ON)
    found = coverage("benign alone", benign, sets)
    assert (found.malignant_covered, found.malignant_ci95) == (None, None)


def test_patients_are_counted_and_not_their_frames() -> None:
    made = rows(200, per_patient=4)
    found = thresholds(made, 0.1, [Labelled(name="made", entries=())])
    assert found.calibrated_on.patients == 50
    assert found.calibrated_on.malignant + found.calibrated_on.benign < 100
