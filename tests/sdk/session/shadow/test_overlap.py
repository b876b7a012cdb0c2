from __future__ import annotations

import numpy as np
import pytest

from sonoedge import Region
from sonoedge.session.shadow.overlap import iou, lowest_iou


def outline(points: list[tuple[int, int]]) -> Region:
    contour = np.array(points, dtype=np.int32)
    x, y = contour[:, 0], contour[:, 1]
    return Region(
        contour_px=contour,
        box_px=(int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1),
        area_px=1.0,
        area_mm2=None,
        box_mm=None,
        suspicion=0.5,
        class_probs={},
        flagged=False,
    )


def square(x: int, y: int, side: int = 100) -> Region:
    return outline([(x, y), (x + side, y), (x + side, y + side), (x, y + side)])


def test_the_same_outline_overlaps_wholly_and_one_elsewhere_not_at_all() -> None:
    assert iou(square(10, 20), square(10, 20)) == 1.0
    assert iou(square(0, 0), square(200, 0)) == 0.0


@pytest.mark.parametrize("side", [20, 100, 1000, 100_000])
@pytest.mark.parametrize("shift", [0.25, 0.5, 0.75])
def test_overlap_is_that_of_the_areas_at_every_size(side: int, shift: float) -> None:
    moved = round(side * shift)
    expected = (side - moved) / (side + moved)
    assert iou(square(0, 0, side), square(moved, 0, side)) == pytest.approx(expected, abs=0.05)


def test_outlines_count_and_not_their_boxes() -> None:
    lower = outline([(0, 0), (0, 100), (100, 100)])
    upper = outline([(0, 0), (100, 0), (100, 100)])
    assert lower.box_px == upper.box_px
    assert iou(lower, upper) < 0.05


def test_the_poorest_counterpart_counts_in_both_directions() -> None:
    a, b, far = square(0, 0), square(10, 0), square(500, 500)
    assert lowest_iou([], []) == 1.0
    assert lowest_iou([a], []) == lowest_iou([], [a]) == 0.0
    assert lowest_iou([a, far], [b]) == 0.0
    assert lowest_iou([a], [b, far]) == 0.0
    assert lowest_iou([a, far], [far, b]) == pytest.approx(iou(a, b))
