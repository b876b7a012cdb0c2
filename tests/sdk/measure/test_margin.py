from __future__ import annotations

import cv2
import numpy as np
import pytest

from measured_pictures import Picture, cut_of, ellipse
from sonoedge.measure.margin import NAMES, margin
from sonoedge.measure.outline import outline_of

REGION = ellipse((200, 140), (50, 50))


def values(grey: Picture) -> tuple[dict[str, float], tuple[str, ...]]:
    cut = cut_of(grey, REGION)
    got, missing = margin(cut, outline_of(cut), float(cut.grey[cut.mask > 0].mean()))
    return dict(zip(NAMES, got, strict=True)), missing


def disc(inside: int, outside: int, blur: float = 0.0) -> Picture:
    grey = np.full((300, 400), outside, dtype=np.uint8)
    cv2.fillPoly(grey, [REGION.contour_px], inside)
    return grey if not blur else np.asarray(cv2.GaussianBlur(grey, (0, 0), blur), np.uint8)


def test_a_step_is_as_high_as_its_levels_differ() -> None:
    got, missing = values(disc(40, 140))
    assert missing == ()
    assert got["contrast"] == pytest.approx(100, abs=5)
    assert got["sharpness"] == pytest.approx(100, abs=15)
    assert got["indistinct_share"] == 0
    assert got["posterior"] == pytest.approx(0, abs=0.02)
    assert got["above_contrast"] == pytest.approx(100, abs=5)


def test_a_blurred_margin_is_less_steep() -> None:
    sharp, blurred = values(disc(40, 140))[0], values(disc(40, 140, blur=8))[0]
    assert blurred["gradient"] < 0.6 * sharp["gradient"]
    assert blurred["sharpness"] < sharp["sharpness"]


def test_a_halo_is_brighter_than_what_lies_beyond() -> None:
    grey = disc(40, 100)
    cv2.polylines(grey, [ellipse((200, 140), (55, 55)).contour_px], True, 200, 6)
    assert values(grey)[0]["halo"] > 40
    assert abs(values(disc(40, 100))[0]["halo"]) < 8
