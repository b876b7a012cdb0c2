from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sonoedge import Frame, FrameMeta, GuardSettings, Reason
from sonoedge.guard.form import stated

BOX = (0, 0, 160, 120)


def said(settings: GuardSettings, box: tuple[int, int, int, int] = BOX, **frame: Any) -> Any:
    pixels = np.zeros((120, 160), np.uint8)
    return stated(Frame(pixels=pixels, captured_ns=0, **frame), box, settings)


def test_without_lists_every_probe_and_preset_may_be_used() -> None:
    meta = FrameMeta(probe="L12", preset="breast")
    assert said(GuardSettings(), meta=meta) is None
    assert said(GuardSettings()) is None


def test_a_probe_outside_the_list_is_stopped_and_so_is_an_unknown_one() -> None:
    settings = GuardSettings(probes=("L12-5", "L15"))
    assert said(settings, meta=FrameMeta(probe=" l12-5")) is None
    assert said(settings, meta=FrameMeta(probe="C5")) is Reason.PROBE_NOT_ALLOWED
    assert said(settings) is Reason.PROBE_NOT_ALLOWED


def test_a_preset_outside_the_list_is_stopped_and_so_is_an_unknown_one() -> None:
    settings = GuardSettings(presets=("Breast",))
    assert said(settings, meta=FrameMeta(preset="breast")) is None
    assert said(settings, meta=FrameMeta(preset="lung")) is Reason.PRESET_NOT_ALLOWED
    assert said(settings) is Reason.PRESET_NOT_ALLOWED


def test_spacing_is_asked_for_only_where_the_settings_demand_it() -> None:
    assert said(GuardSettings()) is None
    assert said(GuardSettings(spacing_required=True)) is Reason.SPACING_MISSING
    assert said(GuardSettings(spacing_required=True), spacing_mm=(0.1, 0.1)) is None


@pytest.mark.req("R8")
@pytest.mark.parametrize("wrong", [0.0, -0.1, float("nan"), float("inf")])
def test_a_spacing_that_is_no_length_is_stopped_always(wrong: float) -> None:
    assert said(GuardSettings(), spacing_mm=(0.1, wrong)) is Reason.SPACING_INVALID


@pytest.mark.req("R8")
@pytest.mark.parametrize(
    ("spacing_mm", "reason"),
    [
        ((2.29, 2.29), None),  # 120 rows: 275 mm
        ((4.0, 4.0), Reason.SPACING_INVALID),  # 480 mm deep: no probe sees so far
        ((0.01, 0.01), Reason.SPACING_INVALID),  # 1.2 mm
        ((0.1, 0.0386), None),
        ((0.1, 1.2), Reason.SPACING_INVALID),
        ((1.2, 0.1), Reason.SPACING_INVALID),
    ],
)
def test_a_spacing_that_no_ultrasound_picture_has_is_stopped(
    spacing_mm: tuple[float, float], reason: Reason | None
) -> None:
    narrow = (0, 0, 100, 120)
    settings = GuardSettings(aspect=None)
    assert said(settings, narrow, spacing_mm=spacing_mm) is reason
    believing = GuardSettings(aspect=None, depth_mm=None, pixel_aspect=None)
    assert said(believing, narrow, spacing_mm=spacing_mm) is None


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf"), 11.0, 0.05])
def test_a_pixel_aspect_that_no_picture_has_is_stopped(wrong: float) -> None:
    assert said(GuardSettings(), pixel_aspect=wrong) is Reason.SPACING_INVALID
    assert said(GuardSettings(), pixel_aspect=12 / 11) is None


def test_a_spacing_in_an_array_is_taken() -> None:
    assert said(GuardSettings(), spacing_mm=np.array([0.1, 0.1], np.float32)) is None


def test_the_aspect_of_the_region_is_judged_in_square_pixels() -> None:
    wide = (0, 0, 160, 39)
    assert said(GuardSettings(), wide, spacing_mm=(0.2, 0.1)) is None
    assert said(GuardSettings(), (0, 0, 120, 60), spacing_mm=(0.1, 0.3)) is Reason.WRONG_ASPECT


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ((0, 0, 120, 120), None),
        ((0, 0, 160, 40), None),
        ((0, 0, 160, 39), Reason.WRONG_ASPECT),
        ((0, 0, 29, 120), Reason.WRONG_ASPECT),
    ],
)
def test_the_aspect_is_that_of_the_region_of_interest(
    box: tuple[int, int, int, int], reason: Reason | None
) -> None:
    assert said(GuardSettings(), box) is reason
    assert said(GuardSettings(aspect=None), box) is None
