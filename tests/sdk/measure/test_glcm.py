from __future__ import annotations

import numpy as np
import pytest

from sonoedge.measure.glcm import NAMES, glcm, pair_counts
from sonoedge.measure.levels import padded, strides


def values(levels: np.ndarray) -> dict[str, float]:
    framed = padded(levels, np.ones(levels.shape, dtype=bool), 4)
    return dict(zip(NAMES, glcm(pair_counts(framed, 4, strides(framed)[:1])), strict=True))


def test_alternating_columns_are_neighbours_of_the_other_level_alone() -> None:
    got = values(np.tile([0, 2], (4, 4)))
    assert got["contrast"] == 4
    assert got["dissimilarity"] == 2
    assert got["correlation"] == pytest.approx(-1)
    assert got["joint_entropy"] == pytest.approx(1)


def test_a_region_without_pairs_counts_as_one_level() -> None:
    got = values(np.zeros((1, 1), dtype=int))
    assert got["joint_maximum"] == got["correlation"] == 1
    assert got["joint_entropy"] == 0


def test_a_matrix_is_symmetric() -> None:
    levels = np.random.default_rng(0).integers(0, 4, (9, 7))
    framed = padded(levels, np.ones(levels.shape, dtype=bool), 4)
    counts = pair_counts(framed, 4, strides(framed))
    assert np.array_equal(counts, counts.T)
    assert counts.sum() == 2 * (9 * 6 + 8 * 7 + 2 * 8 * 6)
