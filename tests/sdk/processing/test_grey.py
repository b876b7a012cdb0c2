from __future__ import annotations

import numpy as np

from sonoedge.processing.grey import grey_levels


def test_the_levels_are_of_the_networks_input() -> None:
    tensor = np.zeros((1, 1, 64, 64), np.uint8)
    assert grey_levels(tensor) == (0.0, 0.0)
    tensor[...] = np.where(np.arange(64) < 32, 50, 150)[None, None, :, None]
    mean, deviation = grey_levels(tensor)
    assert (mean, deviation) == (100.0, 50.0)
    assert 0 <= grey_levels(np.full((1, 1, 1, 1), 255, np.uint8)).mean <= 255
