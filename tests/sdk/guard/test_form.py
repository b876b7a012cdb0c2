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


@pytest.mark.parametrize("wrong", [0.0, -0.1, float("nan"), float("inf")])
def test_a_spacing_that_is_no_length_is_stopped_always(wrong: float) -> None:
    assert said(GuardSettings(), spacing_mm=(0.1, wrong)) is Reason.SPACING_INVALID


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
