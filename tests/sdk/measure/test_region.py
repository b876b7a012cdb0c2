from __future__ import annotations

import numpy as np
import pytest

from measured_pictures import cut_of, ellipse, region_of, speckle
from sonoedge.measure.region import cut_out


@pytest.mark.parametrize("axes", [(20, 15), (60, 40), (120, 90)])
def test_every_region_comes_to_one_size(axes: tuple[int, int]) -> None:
    cut = cut_of(speckle(), ellipse((200, 150), axes))
    assert cut.diameter == pytest.approx(64, abs=2)
    assert cut.grey.shape == cut.mask.shape
    x0, y0, x1, y1 = cut.box
    assert not cut.mask[:y0].any()
    assert not cut.mask[:, x1:].any()
    assert (x1 - x0) / (y1 - y0) == pytest.approx(axes[0] / axes[1], rel=0.05)


def test_a_line_is_not_scaled_up_to_a_discs_area() -> None:
    cut = cut_of(speckle(), region_of([(10, 100), (390, 100), (390, 101), (10, 101)]))
    assert max(cut.mask.shape) <= 4 * 64 * 2 + 8


def test_surroundings_end_where_the_picture_does() -> None:
    region = ellipse((200, 150), (40, 40))
    whole = cut_of(speckle(), region)
    part = cut_out(speckle(), region.contour_px, diameter_px=64, within_px=(0, 0, 400, 195))
    assert part is not None
    assert part.grey.shape[0] < whole.grey.shape[0]


@pytest.mark.parametrize("within", [(0, 0, 0, 0), (500, 0, 600, 300), (10, 10, 5, 5)])
def test_no_picture_has_no_region(within: tuple[int, int, int, int]) -> None:
    contour = ellipse((200, 150), (40, 40)).contour_px
    assert cut_out(speckle(), contour, diameter_px=64, within_px=within) is None
    assert cut_out(np.zeros((0, 0), np.uint8), contour, diameter_px=64) is None
