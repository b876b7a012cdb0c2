from __future__ import annotations

import math

import numpy as np
import pytest

from sonoedge.drift.counts import Counts
from sonoedge.drift.measure import _chi_square_99, compare, stability_index


def counts(*, found: int = 0, nothing: int = 0, refused: int = 0) -> Counts:
    made = Counts()
    made.analysed, made.frames = found + nothing, found + nothing + refused
    made.histograms["suspicion"][0], made.histograms["suspicion"][18] = nothing, found
    return made


def test_the_index_is_jeffreys_divergence() -> None:
    p, q = (0.9, 0.1), (0.5, 0.5)
    expected = sum((a - b) * math.log(a / b) for a, b in zip(p, q, strict=True))
    index = stability_index([900_000, 100_000], [500_000, 500_000])
    assert index == pytest.approx(expected, rel=1e-4)
    assert index == pytest.approx(stability_index([500_000, 500_000], [900_000, 100_000]))
    assert stability_index([3, 4], [3, 4]) == 0
    assert math.isfinite(stability_index([10, 0], [0, 10]))


def test_chance_of_equal_distributions_is_kept_in_99_of_100() -> None:
    rng = np.random.default_rng(0)
    shares = np.full(20, 1 / 20)
    above = 0
    for _ in range(2000):
        a, b = rng.multinomial(500, shares), rng.multinomial(700, shares)
        above += stability_index(a.tolist(), b.tolist()) > _chi_square_99(19) * (1 / 500 + 1 / 700)
    assert 5 <= above <= 40  # 20 are expected


@pytest.mark.parametrize(("degrees", "exact"), [(1, 6.635), (2, 9.210), (20, 37.566)])
def test_the_quantile_is_within_a_hundredth(degrees: int, exact: float) -> None:
    assert _chi_square_99(degrees) == pytest.approx(exact, rel=0.01)


def test_a_shift_is_told_from_chance_by_recordings_not_frames() -> None:
    reference = counts(found=5_000, nothing=5_000)
    moved = counts(found=8_000, nothing=2_000)
    assert compare(moved, reference)["suspicion"].size == "large"
    assert compare(moved, reference, recordings=1_000)["suspicion"].size == "large"
    assert compare(moved, reference, recordings=5)["suspicion"].size == "undecided"
    between = compare(counts(found=6_800, nothing=3_200), reference, recordings=1_000)
    assert between["suspicion"].size == "moderate"
    same = compare(counts(found=510, nothing=490), reference, recordings=100)
    assert same["suspicion"].size == "stable"


def test_frames_that_are_refused_are_a_distribution_of_their_own() -> None:
    shifts = compare(counts(nothing=500, refused=500), counts(nothing=990, refused=10))
    assert shifts["abstained"].size == "large"
    assert shifts["suspicion"].size == "stable"
    assert "grey_mean" not in shifts  # nobody counted it
