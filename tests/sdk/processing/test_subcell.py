from __future__ import annotations

import cv2
import numpy as np
import pytest

from sonoedge.processing.outlines import Part
from sonoedge.processing.subcell import crossing

LEVEL = 128  # crossed at 127.5


def moved(inside: np.ndarray, *cells: tuple[int, int]) -> np.ndarray:
    outline = np.array(cells, dtype=np.int32)[:, None]
    x, y, w, h = cv2.boundingRect(outline)
    part = Part(outline=outline, box=(x, y, w, h), solid=np.ones((h, w), np.uint8))
    return crossing(inside, (0, 0, inside.shape[1], inside.shape[0]), part, LEVEL)


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
    cells = list(zip(x.tolist(), y.tolist(), strict=True))
    assert np.abs(moved(inside, *cells) - cells).max() <= 1


def test_at_the_picture_s_edge_the_edge_goes_on_whatever_the_padding_says() -> None:
    picture = np.tile(np.array([200, 180, 140, 90, 40], np.uint8), (5, 1))
    whole = np.zeros((9, 11), np.uint8)
    whole[2:7, 3:8] = picture
    outline = np.array([(3, 2), (5, 2), (5, 6)], dtype=np.int32)[:, None]
    part = Part(outline=outline, box=(3, 2, 3, 5), solid=np.ones((5, 3), np.uint8))
    apart = crossing(whole, (3, 2, 8, 7), part, LEVEL)
    assert apart == pytest.approx(moved(picture, (0, 0), (2, 0), (2, 4)) + (3, 2))
    assert apart[1].tolist() == [5.25, 2.0]
