from __future__ import annotations

import numpy as np
import pytest

from sonoedge.processing.classification import as_region, frame_grade
from sonoedge.processing.postprocess import PostprocessSpec

SPEC = PostprocessSpec(
    labels=("benign", "carcinoma", "sarcoma"),
    positive=("carcinoma", "sarcoma"),
    flag_threshold=0.6,
)


@pytest.mark.parametrize(("carcinoma", "flagged"), [(0.25, False), (0.35, True)])
def test_a_frames_suspicion_is_the_sum_of_its_positive_labels(
    carcinoma: float, flagged: bool
) -> None:
    probs = {"benign": 0.75 - carcinoma, "carcinoma": carcinoma, "sarcoma": 0.25}
    grade = frame_grade(SPEC, {"class_probs": np.zeros((1, 3), np.float32)}, probs)
    assert grade is not None
    assert grade.suspicion == pytest.approx(carcinoma + 0.25)
    assert grade.flagged is flagged


def test_a_network_with_a_map_grades_its_regions_and_not_the_frame() -> None:
    tensors = {"lesion_map": np.zeros((1, 1, 8, 8), np.uint8)}
    assert frame_grade(SPEC, tensors, {"benign": 1.0}) is None


def test_what_the_tracker_follows_is_the_whole_picture() -> None:
    grade = frame_grade(SPEC, {}, {"benign": 0.1, "carcinoma": 0.9, "sarcoma": 0.0})
    assert grade is not None
    region = as_region(grade, (10, 20, 110, 80))
    assert region.box_px == (10, 20, 110, 80)
    assert region.contour_px.min(axis=0).tolist() == [10, 20]
    assert region.contour_px.max(axis=0).tolist() == [109, 79]
    assert (region.suspicion, region.flagged) == (0.9, True)
