from __future__ import annotations

import numpy as np
import pytest

from sonoedge.errors import InvalidData
from sonoedge.explain.target import target_of
from sonoedge.processing.geometry import fit
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.runtime import Tensors

SPEC = PostprocessSpec(labels=("benign", "malignant"), positive=("malignant",))
GEOMETRY = fit(roi_px=(0, 0, 64, 64), input_hw=(64, 64), policy="letterbox", aspect=1.0)


def answer(*, malignancy: bool = True, probs: bool = False) -> Tensors:
    """Two lesions, the right one graded 200 of 255."""
    lesion = np.zeros((1, 1, 32, 32), np.uint8)
    lesion[0, 0, 4:12, 4:12] = lesion[0, 0, 4:12, 20:28] = 220
    tensors: dict[str, np.ndarray] = {"lesion_map": lesion}
    if malignancy:
        tensors["malignancy_map"] = np.full_like(lesion, 50)
        tensors["malignancy_map"][0, 0, :, 16:] = 200
    if probs:
        tensors["class_probs"] = np.array([[0.25, 0.75]], np.float32)
    return tensors


def test_the_most_suspicious_region_is_followed_where_it_was_found() -> None:
    target = target_of(SPEC, answer(), GEOMETRY)
    assert target.value(answer()) == pytest.approx(200 / 255)
    moved = answer()
    moved["lesion_map"][:] = 0  # the lesion is not found any more; its place is graded all the same
    moved["malignancy_map"][0, 0, :, 16:] = 100
    assert target.value(moved) == pytest.approx(100 / 255)


@pytest.mark.parametrize(("probs", "value"), [(True, 0.75), (False, 220 / 255)])
def test_without_a_grade_of_its_own_a_region_has_the_frames_or_the_maps(
    value: float, *, probs: bool
) -> None:
    tensors = answer(malignancy=False, probs=probs)
    assert target_of(SPEC, tensors, GEOMETRY).value(tensors) == pytest.approx(value)


def test_a_classifier_alone_is_followed_by_its_probability() -> None:
    tensors = {"class_probs": np.array([[0.4, 0.6]], np.float32)}
    assert target_of(SPEC, tensors, GEOMETRY).value(tensors) == pytest.approx(0.6)


def test_without_a_region_there_is_nothing_to_explain() -> None:
    tensors = answer()
    tensors["lesion_map"][:] = 0
    with pytest.raises(InvalidData, match="no region was found"):
        target_of(SPEC, tensors, GEOMETRY)
