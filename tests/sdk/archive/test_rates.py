from __future__ import annotations

import numpy as np
import pytest

from sonoedge.archive import rates as module
from sonoedge.archive.rates import Tallies


def test_rates_are_of_all_frames_in_the_order_that_they_came() -> None:
    tallies = Tallies()
    tallies.add(0, 100, {"b": 1, "a": 0})
    tallies.add(1, 300, {"a": 7})
    found = tallies.rates()
    assert list(found) == ["b", "a"]
    assert (found["b"].count, found["b"].per_1000) == (1, 2.5)
    assert (found["a"].count, found["a"].per_1000) == (7, 17.5)


def test_frames_of_one_study_that_are_alike_do_not_narrow_the_interval() -> None:
    """Ten studies of 1,000 frames, all or none flagged: ten draws and not 10,000."""
    tallies = Tallies()
    for number in range(10):
        tallies.add(number, 1000, {"flags": 1000 * (number % 2)})
    interval = tallies.rates()["flags"].ci95
    assert interval is not None
    assert interval[0] <= 250
    assert interval[1] >= 750


def test_items_of_one_study_are_one_draw_whenever_they_come() -> None:
    single, split = Tallies(), Tallies()
    for number in range(10):
        single.add(number, 1000, {"flags": 900 * (number % 2)})
    for share in range(4):
        for number in range(10):
            split.add(number, 250, {"flags": (200 + 10 * share + 10) * (number % 2)})
    assert split.rates() == single.rates()


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(100):
        tallies = Tallies()
        for number, share in enumerate(rng.beta(2, 6, 60)):
            tallies.add(number, 50, {"flags": int(rng.binomial(50, share))})
        low, high = tallies.rates()["flags"].ci95 or (0, 0)
        held += low <= 250 <= high
    assert held >= 86


def test_more_studies_than_are_resampled_give_the_same_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    tallies = Tallies()
    for number in range(3000):
        tallies.add(number, 50, {"flags": int(rng.binomial(50, rng.beta(2, 6)))})
    grouped = tallies.rates()["flags"].ci95
    monkeypatch.setattr(module, "_GROUPS", 10_000)
    single = tallies.rates()["flags"].ci95
    assert grouped is not None
    assert grouped == pytest.approx(single, rel=0.05)
    assert tallies.studies == 3000


def test_one_study_has_no_interval_and_none_no_rate() -> None:
    assert Tallies().rates() == {}
    tallies = Tallies()
    tallies.add(0, 10, {"flags": 1})
    assert tallies.rates()["flags"].ci95 is None
