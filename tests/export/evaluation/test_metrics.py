from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import binom

from sonoedge_export.evaluation import metrics


def mask(*on: int) -> npt.NDArray[np.bool_]:
    found = np.zeros((2, 4), dtype=bool)
    found.flat[list(on)] = True
    return found


def test_dice_counts_the_overlap_twice_over_both_areas() -> None:
    assert metrics.dice(mask(0, 1, 2), mask(2, 3, 4)) == pytest.approx(2 / 6)
    assert metrics.dice(mask(0, 1), mask(0, 1)) == 1.0
    assert metrics.dice(mask(0), mask(1)) == 0.0


def test_dice_is_one_where_both_masks_are_empty_and_zero_where_one_is() -> None:
    assert metrics.dice(mask(), mask()) == 1.0
    assert metrics.dice(mask(), mask(5)) == 0.0


def pairs_won(scores: npt.NDArray[np.float64], positive: npt.NDArray[np.bool_]) -> float:
    """The definition: the share of pairs that are ranked rightly, ties half."""
    ahead = scores[positive][:, None] - scores[~positive][None, :]
    return float(((ahead > 0) + 0.5 * (ahead == 0)).mean())


def test_auroc_is_the_share_of_pairs_ranked_rightly() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        scores = rng.integers(0, 6, 30) / 5  # many ties
        positive = np.arange(30) % 3 == 0
        assert metrics.auroc(scores, positive) == pytest.approx(pairs_won(scores, positive))


def test_auroc_of_perfect_reversed_and_constant_scores() -> None:
    positive = [False, False, True, True]
    assert metrics.auroc([0.1, 0.2, 0.8, 0.9], positive) == 1.0
    assert metrics.auroc([0.9, 0.8, 0.2, 0.1], positive) == 0.0
    assert metrics.auroc([0.5, 0.5, 0.5, 0.5], positive) == 0.5


@pytest.mark.parametrize("positive", [[], [True, True], [False, False]])
def test_auroc_without_both_classes_is_none(positive: list[bool]) -> None:
    assert metrics.auroc([0.5] * len(positive), positive) is None


def test_the_interval_of_a_mean_has_the_width_that_theory_gives() -> None:
    values = np.random.default_rng(1).normal(0.7, 0.1, 400)
    found = metrics.mean_interval(values)
    assert found is not None
    half = 1.96 * values.std() / np.sqrt(400)
    assert found[0] == pytest.approx(values.mean() - half, abs=0.15 * half)
    assert found[1] == pytest.approx(values.mean() + half, abs=0.15 * half)


def test_the_same_frames_give_the_same_interval() -> None:
    values = np.random.default_rng(2).random(40)
    assert metrics.mean_interval(values) == metrics.mean_interval(values)


def test_groups_are_drawn_whole() -> None:
    groups = ["a", "b", "a", "c", "b", "a"]
    members = [np.array([0, 2, 5]), np.array([1, 4]), np.array([3])]
    draws = 0

    def statistic(indices: npt.NDArray[np.int64]) -> float:
        nonlocal draws
        draws += 1
        times = np.bincount(indices, minlength=6)
        assert sum(times[m[0]] for m in members) == 3  # as many groups as there are
        for m in members:
            assert len(set(times[m])) == 1
        return 0.0

    assert metrics.bootstrap(statistic, 6, groups=groups, rounds=50) == (0.0, 0.0)
    assert draws == 50


def test_frames_of_few_patients_give_a_wider_interval_than_so_many_patients() -> None:
    patients = np.repeat(np.arange(10), 20)
    values = np.random.default_rng(3).random(10)[patients]
    by_frame, by_patient = metrics.mean_interval(values), metrics.mean_interval(values, patients)
    assert by_frame is not None
    assert by_patient is not None
    assert by_patient[1] - by_patient[0] > 2 * (by_frame[1] - by_frame[0])


def test_an_interval_holds_the_auroc_of_the_sample() -> None:
    rng = np.random.default_rng(4)
    positive = rng.random(200) < 0.3
    scores = rng.normal(positive, 1.0)
    value, interval = metrics.auroc(scores, positive), metrics.auroc_interval(scores, positive)
    assert value is not None
    assert interval is not None
    assert interval[0] < value < interval[1]


def test_no_frames_give_no_interval() -> None:
    assert metrics.mean_interval([]) is None


def test_a_figure_that_most_resamples_lack_has_no_interval() -> None:
    assert metrics.auroc_interval([0.1, 0.9], [True, True]) is None


def test_a_share_of_all_or_none_has_the_interval_of_its_patients() -> None:
    """A resample of 1, 1, 1 is 1 for certain: an interval of [1, 1] would be a false promise."""
    assert metrics.mean_interval([True] * 20) == (pytest.approx(0.025 ** (1 / 20)), 1.0)
    assert metrics.mean_interval([0.0] * 48) == (0.0, pytest.approx(1 - 0.025 ** (1 / 48)))
    patients = [n // 5 for n in range(20)]  # four patients are four trials
    assert metrics.mean_interval([1.0] * 20, patients) == (pytest.approx(0.025**0.25), 1.0)


def test_the_exact_interval_is_the_binomials_own() -> None:
    # Each end is where 2.5 % of the binomial distribution lies beyond what was seen.
    low, high = metrics.exact_interval(3 / 40, 40)
    assert binom.sf(2, 40, low) == pytest.approx(0.025)
    assert binom.cdf(3, 40, high) == pytest.approx(0.025)


def test_nothing_seen_is_not_nothing_possible() -> None:
    assert metrics.exact_interval(0.0, 48) == (0.0, pytest.approx(1 - 0.025 ** (1 / 48)))
    assert metrics.exact_interval(1.0, 48)[1] == 1.0
    assert metrics.exact_interval(0.5, 0) == (0.0, 1.0)


def test_a_threshold_keeps_the_specificity_and_could_not_be_lower() -> None:
    scores = np.random.default_rng(5).integers(0, 30, 200) / 30  # many ties
    for wanted in (0.3, 0.5, 0.725, 0.9, 1.0):
        threshold = metrics.threshold_at_specificity(scores, wanted)
        assert (scores < threshold).mean() >= wanted
        lower = scores[scores < threshold].max()
        assert (scores < lower).mean() < wanted


def test_a_frame_without_any_region_is_never_flagged() -> None:
    assert metrics.threshold_at_specificity([0.0, 0.0, 0.4], 0.0) > 0.0
