from __future__ import annotations

import numpy as np

from sonoedge.processing.explanation import explain
from sonoedge.processing.geometry import fit

GEOMETRY = fit(roi_px=(20, 10, 532, 394), input_hw=(256, 256), policy="letterbox")


def test_the_map_that_grades_regions_explains_them_without_its_padding() -> None:
    graded = np.zeros((1, 1, 128, 128), np.uint8)
    u0, v0, u1, v1 = GEOMETRY.placed_in_map((128, 128))
    graded[..., v0:v1, u0:u1] = 200
    shown = explain({"lesion_map": graded // 2, "malignancy_map": graded}, GEOMETRY)
    assert shown.name == "malignancy_map"
    assert shown.levels.shape == (v1 - v0, u1 - u0)
    assert (shown.levels == 200).all()
    assert shown.box_px == (20, 10, 532, 394)


def test_without_grades_the_lesion_map_explains() -> None:
    lesion = np.full((1, 1, 128, 128), 77, np.uint8)
    shown = explain({"lesion_map": lesion}, GEOMETRY)
    assert shown.name == "lesion_map"
    assert (shown.levels == 77).all()
    shown.levels[:] = 0
    assert (lesion == 77).all()  # the caller's own
