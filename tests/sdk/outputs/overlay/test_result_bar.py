"""The bar of a picture that leaves."""

from __future__ import annotations

import numpy as np

from report_samples import analysed, refused, region_at
from sonoedge.outputs.overlay.result_bar import draw_result_bar
from sonoedge.outputs.overlay.style import FLAGGED, NOT_ANALYSED


def bar(analysis: object, width: int = 640) -> np.ndarray:
    words = {"number": "frame 3", "maker": "breast-1.0", "notice": "not for diagnosis"}
    return draw_result_bar(analysis, width=width, **words)  # type: ignore[arg-type]


def inked(picture: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((picture == colour).all(axis=2).sum())


def test_its_height_depends_on_its_width_alone() -> None:
    assert bar(analysed()).shape == bar(refused()).shape == bar("STALE").shape == (60, 640, 3)
    assert bar(refused(), 1600).shape == (120, 1600, 3)


def test_what_was_not_analysed_fills_a_line_whoever_says_why() -> None:
    assert inked(bar(refused()), NOT_ANALYSED) > 640 * 20
    assert inked(bar("SOURCE_LOST the probe was unplugged"), NOT_ANALYSED) > 640 * 20
    assert inked(bar(analysed(region_at(80, 60, 0.9))), NOT_ANALYSED) == 0


def test_a_suspicious_frame_is_told_by_its_colour() -> None:
    assert inked(bar(analysed(region_at(80, 60, 0.9))), FLAGGED) > 0
    assert inked(bar(analysed()), FLAGGED) == 0
