from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sample_recordings.moments import analysed, refused, region
from sonoedge.analysis import Reason, Region
from sonoedge_bench.reliability.service.fields import words

LABELS = ("benign", "malignant")


@pytest.mark.parametrize(
    "change",
    [
        {"box_px": (1, 2, 3, 5)},
        {"area_px": 1.25},
        {"area_mm2": 9.0, "box_mm": (3.0, 3.0)},
        {"suspicion": 0.123456789012345678},
        {"flagged": False},
        {"track_id": 77},
        {"track_flagged": True},
        {"contour_px": np.array([[1, 1], [2, 1], [2, 4]], np.int32)},
        {"class_probs": {"malignant": 0.125}},
    ],
)
def test_each_field_of_a_region_changes_the_words(change: dict[str, object]) -> None:
    first: Region = region()
    second = dataclasses.replace(first, **change)  # type: ignore[arg-type]
    assert words(analysed(first), LABELS) != words(analysed(second), LABELS)


def test_what_was_not_analysed_has_its_reasons_and_no_region() -> None:
    outcome = refused(Reason.STALE, "too late")
    assert words(outcome, LABELS) == ["0", "0", "-1", "0", "nan", "0", "STALE", "too", "late"]
