from __future__ import annotations

import numpy as np
import pytest

from sonoedge_bench.statistics import (
    autocorrelation,
    block_length,
    indices,
    ratio_of_medians,
    required,
    resamples,
    slope,
    summary,
)


def test_a_quantile_needs_as_many_samples_as_wilks_says() -> None:
    assert [required(q) for q in (0.5, 0.9, 0.99, 0.999)] == [5, 29, 299, 2995]


def test_quantiles_are_numpys_and_what_the_sample_cannot_know_is_none() -> None:
    values = list(range(101))
    result = summary(values)
    assert [result.quantile(q).value for q in ("p50", "p90")] == [50.0, 90.0]
    assert (result.p99, result.p999) == (None, None)
    assert result.required_samples == {"p99": 299, "p999": 2995}
    assert (result.n, result.max, result.mean) == (101, 100.0, 50.0)


def test_nothing_is_known_of_no_samples() -> None:
    result = summary([])
    assert (result.n, result.p50, result.max, result.mean) == (0, None, None, None)


def test_the_same_samples_give_the_same_interval() -> None:
    values = np.random.default_rng(3).gamma(9, 1, 500).tolist()
    assert summary(values) == summary(values)


def test_blocks_are_runs_of_neighbours_around_the_end() -> None:
    n = 27
    assert block_length(n) == 3
    drawn = np.concatenate(list(indices(n)))
    assert drawn.shape == (resamples(n), n)
    steps = np.diff(drawn[:, :3], axis=1) % n
    assert (steps == 1).all()
    assert set(np.unique(drawn)) == set(range(n))


@pytest.mark.parametrize("n", [1, 2, 5, 100_000])
def test_resamples_are_enough_and_bounded_whatever_the_size(n: int) -> None:
    pieces = list(indices(n))
    assert sum(len(piece) for piece in pieces) == resamples(n)
    assert 200 <= resamples(n) <= 1000
    assert max(piece.size for piece in pieces) <= 2_000_000


def test_the_interval_of_a_median_holds_the_truth_about_as_often_as_it_says() -> None:
    rng, held = np.random.default_rng(1), 0
    for _ in range(100):
        result = summary(rng.gamma(20, 0.5, 200).tolist()).p50
        held += result.low <= 9.8335 <= result.high  # the median of that distribution
    assert held >= 88


def test_blocks_give_a_wider_interval_where_neighbours_are_alike() -> None:
    rng = np.random.default_rng(5)
    walk = np.zeros(1000)
    for i in range(1, len(walk)):
        walk[i] = 0.95 * walk[i - 1] + rng.normal()
    shuffled = rng.permutation(walk)

    def width(values: np.ndarray) -> float:
        result = summary((values + 50).tolist()).p50
        return float(result.high - result.low)

    assert width(walk) > 1.5 * width(shuffled)
    assert (autocorrelation(walk) or 0) > 0.9
    assert abs(autocorrelation(shuffled) or 0) < 0.1


def test_a_ratio_of_medians_has_an_interval_that_pairing_makes_narrower() -> None:
    rng = np.random.default_rng(2)
    frames = rng.uniform(5, 15, 300)  # what the frames themselves take differs much
    one = frames + rng.normal(0, 0.05, 300)
    other = 1.2 * frames + rng.normal(0, 0.05, 300)
    paired = ratio_of_medians(one.tolist(), other.tolist(), paired=True)
    unpaired = ratio_of_medians(one.tolist(), other.tolist(), paired=False)
    assert paired[0] == pytest.approx(1.2, abs=0.01)
    assert paired[1] < 1.2 < paired[2]
    assert paired[2] - paired[1] < 0.5 * (unpaired[2] - unpaired[1])


def test_a_slope_is_that_of_least_squares_with_an_interval_around_it() -> None:
    t = np.arange(100.0)
    values = 3 + 0.25 * t + np.random.default_rng(0).normal(0, 1, 100)
    result, low, high = slope(t.tolist(), values.tolist())
    assert result == pytest.approx(float(np.polyfit(t, values, 1)[0]))
    assert low < 0.25 < high


def test_a_slope_needs_three_points_in_time() -> None:
    with pytest.raises(ValueError, match="three points"):
        slope([1, 2], [1, 2])
    with pytest.raises(ValueError, match="different times"):
        slope([1, 1, 1], [1, 2, 3])
