from __future__ import annotations

import numpy as np
import pytest

from measured_pictures import ellipse, speckle
from sonoedge.measure import NAMES
from studies.measure_agreement import CHANGES, HALF, agreements, icc, least_median, row

RATINGS = np.array(
    [[9, 2], [6, 1], [8, 4], [7, 1], [10, 5], [6, 2]]
)  # two judges of Shrout and Fleiss 1979


def test_agreement_is_of_the_values_and_not_of_their_order_alone() -> None:
    a, b = RATINGS.T
    assert icc(a, a) == 1.0
    # By hand, from the mean squares of rows 4.6833, of columns 80.0833, and of the rest 0.6833.
    wanted = (4.6833 - 0.6833) / (4.6833 + 0.6833 + 2 * (80.0833 - 0.6833) / 6)
    assert icc(a, b) == pytest.approx(wanted, abs=1e-4)
    assert icc(a, a + 10) < 0.1 < np.corrcoef(a, a + 10)[0, 1]
    assert icc(np.zeros(4), np.zeros(4)) == 1.0


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_keeps_the_outline_in_the_picture_and_the_picture_as_it_was(name: str) -> None:
    grey, region = speckle(), ellipse((200, 150), (40, 30))
    before = grey.copy()
    other, contour = CHANGES[name](grey, region.contour_px)
    assert np.array_equal(grey, before)
    assert other.dtype == np.uint8
    assert contour.dtype == np.int32
    assert (contour >= 0).all()
    assert (contour < other.shape[::-1]).all()


def test_regions_that_are_not_changed_agree_with_themselves() -> None:
    regions = [(speckle(), ellipse((200, 150), (40 + k, 30))) for k in range(4)]
    same = agreements(regions, lambda grey, contour: (grey, contour))
    assert same == pytest.approx(np.ones(len(NAMES)))
    halved = agreements(regions, CHANGES[HALF])
    assert least_median(halved) < least_median(same) == 1.0
    assert row("same", same).count("1.00 / 100 %") == 7
