"""Analyses to tell peers of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sonoedge.analysis import Analysed, NotAnalysed, Origin, Reason, Region

ORIGIN = Origin(bundle_id="b", engine_sha256="e", runtime="r", precision="int8", variant="v")


@pytest.fixture
def analysed() -> Callable[..., Analysed]:
    def make(regions: int = 1, spacing: bool = True, frame_id: int = 0) -> Analysed:
        contour = np.array([[10, 20], [30, 20], [30, 60]], np.int32)
        region = Region(
            contour_px=contour, box_px=(10, 20, 30, 60), area_px=400.0, area_mm2=None,
            box_mm=(10.0, 4.0) if spacing else None, suspicion=0.9, class_probs={}, flagged=True,
        )  # fmt: skip
        return Analysed(
            frame_id=frame_id, captured_ns=0, age_ms=1.0, stages_ms={}, origin=ORIGIN,
            regions=(region,) * regions, class_probs={},
        )  # fmt: skip

    return make


@pytest.fixture
def refused() -> NotAnalysed:
    return NotAnalysed(
        frame_id=1, captured_ns=0, age_ms=1.0, stages_ms={}, origin=ORIGIN,
        reasons=(Reason.CAPTURE_CLOCK_NOT_MONOTONIC, Reason.NO_CONTACT),
    )  # fmt: skip
