"""A frame that says what the last one said is not looked at again; no other passes for it."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from sonoedge import Frame, FrameMeta, GuardSettings, Reason
from sonoedge.frame_form import FrameForms
from sonoedge.processing.geometry import Geometry
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec

PIXELS = np.full((60, 80), 9, np.uint8)
META = FrameMeta(probe="linear", depth_mm=40.0)
FRAME = Frame(pixels=PIXELS, captured_ns=1, spacing_mm=(1.0, 1.0), meta=META)


@pytest.fixture
def forms() -> FrameForms:
    return FrameForms(GuardSettings(), Preprocess(PreprocessSpec(height=32, width=32)))


def test_the_next_frame_has_the_same_geometry(
    forms: FrameForms, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = forms.fit(FRAME)
    assert isinstance(first, Geometry)
    monkeypatch.setattr("sonoedge.frame_form.value_fault", None)  # it is not asked again
    assert forms.fit(dataclasses.replace(FRAME, captured_ns=2, pixels=PIXELS.copy())) is first


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"spacing_mm": (Decimal(1), Decimal(1))}, Reason.SPACING_INVALID),
        ({"spacing_mm": (1.0, 1.0, 1.0)}, Reason.SPACING_INVALID),
        ({"captured_ns": True}, Reason.CAPTURE_TIME_INVALID),
        ({"captured_ns": 1 << 63}, Reason.CAPTURE_TIME_INVALID),
        ({"recorded_ns": "1"}, Reason.CAPTURE_TIME_INVALID),
        ({"meta": None}, Reason.METADATA_INVALID),
        ({"meta": FrameMeta(probe="linear", depth_mm=float("nan"))}, Reason.METADATA_INVALID),
        ({"pixels": PIXELS.astype(np.int8)}, Reason.WRONG_DTYPE),
        ({"pixels": PIXELS.tolist()}, Reason.WRONG_DTYPE),
        ({"pixels": PIXELS[None]}, Reason.WRONG_SHAPE),
        ({"pixels": PIXELS[:0]}, Reason.EMPTY),
        ({"roi_px": (9, 9, 9, 9)}, Reason.EMPTY),
    ],
)
def test_what_only_looks_like_the_last_frame_is_refused(
    forms: FrameForms, other: dict[str, Any], reason: Reason
) -> None:
    assert isinstance(forms.fit(FRAME), Geometry)
    refused = forms.fit(dataclasses.replace(FRAME, **other))
    assert not isinstance(refused, Geometry)
    assert refused[0] is reason
    assert isinstance(forms.fit(FRAME), Geometry)


def test_another_size_or_region_has_another_geometry(forms: FrameForms) -> None:
    first = forms.fit(FRAME)
    wide = forms.fit(dataclasses.replace(FRAME, pixels=PIXELS[:40]))
    part = forms.fit(dataclasses.replace(FRAME, roi_px=(0, 0, 40, 60)))
    assert isinstance(first, Geometry)
    assert isinstance(wide, Geometry)
    assert isinstance(part, Geometry)
    assert [g.roi_px for g in (first, wide, part)] == [
        (0, 0, 80, 60),
        (0, 0, 80, 40),
        (0, 0, 40, 60),
    ]
