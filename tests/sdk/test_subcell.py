from __future__ import annotations

import numpy as np
import pytest

from sonoedge.subcell import Crossing

LEVEL = 128  # crossed at 127.5


def moved(inside: np.ndarray, *cells: tuple[int, int]) -> np.ndarray:
    return Crossing(inside, LEVEL)(np.array(cells, dtype=np.int32))


def test_a_cell_moves_to_where_a_ramp_crosses_the_threshold() -> None:
    ramp = np.tile(np.array([200, 180, 140, 90, 40], np.uint8), (5, 1))
    # From 140 the map falls by 50 to the right: 127.5 lies a quarter of a cell on.
    assert moved(ramp, (2, 2)) == pytest.approx(np.array([[2.25, 2.0]]))
    assert moved(ramp.T.copy(), (2, 2)) == pytest.approx(np.array([[2.0, 2.25]]))
    assert moved(ramp[:, ::-1].copy(), (2, 2)) == pytest.approx(np.array([[1.75, 2.0]]))


def test_a_cell_without_a_slope_stays() -> None:
    flat = np.full((4, 6), 200, np.uint8)
    peak = flat.copy()
    peak[2, 3] = 255
    assert moved(flat, (0, 0), (5, 3), (2, 2)).tolist() == [[0, 0], [5, 3], [2, 2]]
    assert moved(peak, (3, 2)).tolist() == [[3, 2]]  # falls alike on all sides


def test_no_cell_moves_further_than_to_its_neighbour() -> None:
    inside = np.random.default_rng(0).integers(0, 256, (40, 60), dtype=np.uint8)
    y, x = np.nonzero(inside >= LEVEL)
    cells = np.stack([x, y], 1).astype(np.int32)
    assert np.abs(Crossing(inside, LEVEL)(cells) - cells).max() <= 1
