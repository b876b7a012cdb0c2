from __future__ import annotations

import numpy as np

from sonoedge.measure.levels import padded, strides


def test_no_step_leads_from_one_edge_to_another() -> None:
    inside = np.ones((3, 4), dtype=bool)
    framed = padded(np.zeros((3, 4), dtype=np.uint8), inside, 2)
    flat = framed.ravel()
    pairs = [np.count_nonzero((flat[:-s] == 0) & (flat[s:] == 0)) for s in strides(framed)]
    # Neighbours in a row, along a diagonal, in a column, along the other diagonal.
    assert pairs == [3 * 3, 2 * 3, 2 * 4, 2 * 3]


def test_what_lies_outside_is_the_last_level() -> None:
    inside = np.array([[True, False], [False, True]])
    framed = padded(np.array([[0, 1], [1, 1]]), inside, 5)
    assert framed.tolist() == [[5, 5, 5], [0, 5, 5], [5, 1, 5], [5, 5, 5]]
