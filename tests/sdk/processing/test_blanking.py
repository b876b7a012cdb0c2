from __future__ import annotations

import numpy as np
import pytest

from sonoedge.errors import InvalidSource
from sonoedge.frames import Frame
from sonoedge.processing.blanking import blanked


@pytest.mark.parametrize("shape", [(12, 16), (12, 16, 3)])
def test_only_the_region_is_left(shape: tuple[int, ...]) -> None:
    pixels = np.full(shape, 90, dtype=np.uint8)
    result = blanked(Frame(pixels=pixels, roi_px=(2, 1, 14, 10)))
    expected = np.zeros_like(pixels)
    expected[1:10, 2:14] = 90
    assert np.array_equal(result, expected)
    assert (pixels == 90).all()


def test_a_region_that_begins_before_the_picture_is_cut() -> None:
    pixels = np.full((12, 16), 90, dtype=np.uint8)
    result = blanked(Frame(pixels=pixels, roi_px=(-3, -3, 8, 8)))
    assert result[:8, :8].min() == 90
    assert result.sum() == 64 * 90


def test_without_a_region_nothing_is_guessed() -> None:
    with pytest.raises(InvalidSource, match="no tissue region that can be trusted"):
        blanked(Frame(pixels=np.zeros((12, 16), dtype=np.uint8)))
