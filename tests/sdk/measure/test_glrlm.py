from __future__ import annotations

import numpy as np
import pytest

from sonoedge.measure.glrlm import NAMES, glrlm, run_counts
from sonoedge.measure.levels import padded, strides


def test_a_stripe_is_one_run_along_and_many_across() -> None:
    levels = np.tile([[0], [1]], (2, 6))  # rows of 0 and of 1
    framed = padded(levels, np.ones(levels.shape, dtype=bool), 2)
    along, _, across, _ = strides(framed)
    rows = run_counts(framed, 2, (along,))
    assert rows[:, 5].tolist() == [2, 2]
    assert rows.sum() == 4
    columns = run_counts(framed, 2, (across,))
    assert columns[:, 0].tolist() == [12, 12]
    assert columns.sum() == 24


def test_every_pixel_is_in_one_run_of_each_direction() -> None:
    rng = np.random.default_rng(1)
    levels, inside = rng.integers(0, 5, (11, 8)), rng.random((11, 8)) < 0.7
    framed = padded(levels, inside, 5)
    for step in strides(framed):
        counts = run_counts(framed, 5, (step,))
        assert (counts.sum(axis=0) @ np.arange(1, counts.shape[1] + 1)) == inside.sum()


def test_single_pixels_are_short_runs() -> None:
    levels = np.indices((6, 6)).sum(axis=0) % 2
    framed = padded(levels, np.ones(levels.shape, dtype=bool), 2)
    along, _, across, _ = strides(framed)
    got = glrlm(run_counts(framed, 2, (along, across)), 72)
    assert dict(zip(NAMES, got, strict=True))["short_runs"] == pytest.approx(1)
    assert dict(zip(NAMES, got, strict=True))["run_percentage"] == pytest.approx(1)
