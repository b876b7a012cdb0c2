"""Opinions, certainty and clinical values complete a description; none of them replaces it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sonoedge.analysis import Region
from sonoedge.beside import Beside, load_beside
from sonoedge.bundle import read_bundle
from sonoedge.certainty import CalibratedOn, Certainty
from sonoedge.clinical import Coefficient
from sonoedge.description import Described
from sonoedge.heads import Heads
from sonoedge.measure import Measures

REGION = Region(
    contour_px=np.array([[0, 0], [9, 0], [9, 9]], dtype=np.int32),
    box_px=(0, 0, 10, 10),
    area_px=50.0,
    area_mm2=None,
    box_mm=None,
    suspicion=0.3,
    class_probs={},
    flagged=False,
)
DESCRIBED = Described(
    measures=Measures(names=("shape.a",), values=np.ones(1, dtype=np.float32)), sentence="Round."
)
ON = CalibratedOn(name="drawn", sha256="0" * 64, patients=40, malignant=20, benign=20)
AGE = Coefficient(centre=50, per_unit=0.03, lowest=18, highest=100, source="a cohort")


def test_what_was_described_stays_and_the_rest_is_added() -> None:
    certainty = Certainty(alpha=0.1, benign_up_to=0.7, malignant_from=0.4, calibrated_on=ON)
    beside = Beside(heads=Heads([], ()), certainty=certainty, clinical={"age_years": AGE})
    complete = beside.complete(DESCRIBED, REGION, {"age_years": 80})
    assert (complete.measures, complete.sentence) == (DESCRIBED.measures, "Round.")
    assert complete.opinions == ()
    assert complete.certainty == "benign only"
    assert complete.clinical is not None
    assert complete.clinical.suspicion > 0.3


def test_without_thresholds_and_coefficients_nothing_is_said_of_them() -> None:
    beside = Beside(heads=Heads([], ()), certainty=None, clinical={})
    complete = beside.complete(DESCRIBED, REGION, {"age_years": 80})
    assert (complete.certainty, complete.clinical) == (None, None)


def test_a_bundle_without_any_of_them_has_nothing_beside(repository: Path) -> None:
    assert load_beside(read_bundle(repository / "tests/data/tiny"), "onnxruntime-fp32") is None
