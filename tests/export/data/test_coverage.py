from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge_export.data.coverage import coverage
from sonoedge_export.data.labelled import Entry, read_labelled

SPEC = PreprocessSpec(height=64, width=96)


@pytest.fixture
def entries(int8: Path) -> tuple[Entry, ...]:
    return read_labelled(int8.parent / "calib" / "frames.json").entries


def test_alike_sets_give_no_warning(entries: tuple[Entry, ...]) -> None:
    found = coverage(entries[:12], entries[12:], SPEC)
    assert found["warnings"] == []
    assert found["frames"] == {"calibration": 12, "evaluation": 12}
    assert sum(found["grey_histogram"]["evaluation"]) == pytest.approx(1, abs=1e-3)
    spacing = found["spans"]["spacing_mm"]["calibration"]
    assert (spacing["smallest"], spacing["largest"]) == (0.2, 0.2)
    assert found["spans"]["depth_mm"]["calibration"]["median"] == pytest.approx(24.0)


def test_darker_and_blurred_evaluation_frames_are_told(entries: tuple[Entry, ...]) -> None:
    for entry in entries[12:]:
        picture = cv2.GaussianBlur(entry.pixels(), (0, 0), 3) // 2
        cv2.imwrite(str(entry.image), np.asarray(picture))
    warnings = coverage(entries[:12], entries[12:], SPEC)["warnings"]
    for name in ("grey_mean", "sharpness"):
        assert any(w.startswith(f"{name} of 12 of 12 evaluation frames") for w in warnings)


def test_an_unseen_scanner_and_an_unknown_spacing_are_told(entries: tuple[Entry, ...]) -> None:
    calibration = [replace(e, spacing_mm=None, device="A") for e in entries[:12]]
    evaluation = [replace(e, device="B" if n < 3 else "A") for n, e in enumerate(entries[12:])]
    found = coverage(calibration, evaluation, SPEC)
    assert found["devices"] == {"calibration": {"A": 12}, "evaluation": {"A": 9, "B": 3}}
    assert found["spans"]["spacing_mm"]["calibration"] is None
    assert found["warnings"] == [
        "spacing_mm is known of 12 evaluation frames and of no calibration frame",
        "depth_mm is known of 12 evaluation frames and of no calibration frame",
        "3 of 12 evaluation frames come from B, no calibration frame does",
    ]
