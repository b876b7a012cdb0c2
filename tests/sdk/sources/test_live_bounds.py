from __future__ import annotations

import math

import pytest

from sonoedge.sources.live_bounds import sides_are_credible, spacing_is_credible


@pytest.mark.parametrize(
    ("width", "height", "credible"),
    [(1, 1, True), (8192, 8192, True), (0, 1, False), (1, 0, False), (8193, 1, False)],
)
def test_sides_are_counted_in_pixels(width: int, height: int, credible: bool) -> None:
    assert sides_are_credible(width, height) is credible


@pytest.mark.parametrize("mm", [math.nan, math.inf, -0.1, 0.0, 0.0099, 2.01])
def test_what_no_pixel_of_ultrasound_measures_is_no_spacing(mm: float) -> None:
    assert not spacing_is_credible(mm)
    assert not spacing_is_credible(0.1, mm)
    assert spacing_is_credible(0.01, 2.0)
