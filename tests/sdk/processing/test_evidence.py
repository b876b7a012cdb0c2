from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from sonoedge import EvidenceSettings, Region, TrackingSettings
from sonoedge.errors import InvalidSettings
from sonoedge.processing.evidence import Gathering, kept_share, log_odds
from sonoedge.processing.tracking import Tracker

RULE = EvidenceSettings(
    raise_log_odds=4.0,
    keep_log_odds=1.0,
    most_log_odds=8.0,
    unseen_log_odds=2.0,
    half_life_ms=1000.0,
)
PLAIN = TrackingSettings(hold_off_frames=0, lost_after_frames=100, evidence=RULE)


def region(suspicion: float, x: int = 10) -> Region:
    return Region(
        contour_px=np.array([[x, 10], [x + 20, 10], [x + 20, 30]], dtype=np.int32),
        box_px=(x, 10, x + 20, 30),
        area_px=200.0,
        area_mm2=None,
        box_mm=None,
        suspicion=suspicion,
        class_probs={},
        flagged=suspicion >= 0.5,
    )


def flags(
    frames: Iterator[tuple[float, float | None]] | list[tuple[float, float | None]],
    settings: TrackingSettings = PLAIN,
) -> list[bool]:
    """The flag after each frame: (milliseconds, suspicion, or None without a region)."""
    tracker = Tracker(settings, 0.5)
    return [
        tracker.update([] if s is None else [region(s)], round(ms * 1e6))[1] for ms, s in frames
    ]


def test_log_odds_are_those_of_the_library_within_its_last_digits() -> None:
    for p in np.linspace(0.002, 0.998, 3001):
        assert log_odds(float(p)) == pytest.approx(math.log(p / (1 - p)), abs=1e-14, rel=1e-14)
    assert log_odds(0.0) == log_odds(0.002)
    assert log_odds(1.0) == log_odds(0.998)


def test_log_odds_never_fall_as_the_probability_rises() -> None:
    values = [log_odds(p) for p in np.linspace(0, 1, 20_001).tolist()]
    assert all(a <= b for a, b in pairwise(values))


def test_what_is_kept_is_halved_in_each_half_life() -> None:
    for half_lives in np.linspace(0, 63.99, 5000).tolist():
        assert kept_share(half_lives) == pytest.approx(2.0**-half_lives, rel=1e-11)
    assert [kept_share(n) for n in (0.0, 1.0, 3.0)] == [1.0, 0.5, 0.125]
    assert kept_share(64.0) == kept_share(1e300) == 0.0


@pytest.mark.parametrize("rate", [10, 20, 60])
def test_the_flag_goes_up_at_the_same_time_whatever_the_frame_rate(rate: int) -> None:
    step = 1000 / rate
    up = flags([(i * step, 0.8) for i in range(3 * rate)])
    # The sum of 13.9 a second, halved in each, is 4 after 322 ms.
    assert 322 <= up.index(True) * step <= 322 + 2 * step


@pytest.mark.req("R78")
def test_one_odd_frame_raises_nothing() -> None:
    assert not any(flags([(i * 33.3, 0.998 if i == 20 else 0.4) for i in range(60)]))


@pytest.mark.req("R78")
@pytest.mark.parametrize("step_ms", [5.0, 40.0, 100.0, 900.0])
def test_however_suspicious_a_flag_takes_two_looks_and_three_frames(step_ms: float) -> None:
    easy = replace(RULE, raise_log_odds=0.01, keep_log_odds=0.01)
    up = flags([(i * step_ms, 1.0) for i in range(99)], replace(PLAIN, evidence=easy))
    assert up.index(True) >= 2
    assert up.index(True) * step_ms >= 200


def test_a_suspicion_at_the_threshold_speaks_neither_for_nor_against() -> None:
    assert not any(flags([(i * 40.0, 0.5) for i in range(500)]))


@pytest.mark.req("R78")
def test_frames_that_are_not_analysed_are_no_evidence_against() -> None:
    """The tracker isn't asked about them: only time goes by."""
    seen = [(i * 40.0, 0.9) for i in range(20)]
    assert flags([*seen, (seen[-1][0] + 900.0, 0.5)])[-1]
    empty = [(seen[-1][0] + 40.0 * i, None) for i in range(1, 23)]
    assert not flags([*seen, *empty, (seen[-1][0] + 900.0, 0.5)])[-1]


def test_evidence_decays_by_capture_time_and_not_by_frames() -> None:
    seen: list[tuple[float, float | None]] = [(i * 40.0, 0.9) for i in range(20)]
    at = seen[-1][0]
    for step in (20.0, 250.0):
        more = [(at + step * i, 0.5) for i in range(1, round(5000 / step))]
        up = flags([*seen, *more])[len(seen) :]
        # From at most 8 it is halved to 1 in at most three half-lives.
        assert 2000 < up.index(False) * step <= 3000


def test_a_region_that_moved_counts_by_how_well_it_covers_its_track() -> None:
    gathering = Gathering(RULE, 0.5)
    gathering.begin(100_000_000)
    whole, half = (gathering.seen(0.0, 0.8, overlap) for overlap in (1.0, 0.5))
    assert whole == log_odds(0.8) - log_odds(0.5)
    assert half == whole / 2
    assert gathering.seen(0.0, 0.8, 0.0) == 0.0


def test_evidence_stays_between_nothing_and_the_most() -> None:
    gathering = Gathering(RULE, 0.5)
    gathering.begin(10**8)
    assert gathering.seen(7.9, 0.99, 1.0) == 8.0
    gathering.begin(10**9)
    assert gathering.seen(0.5, 0.01, 1.0) == 0.0
    assert gathering.unseen(0.5) == 0.0


@pytest.mark.req("R78")
def test_no_time_between_two_frames_and_very_much_of_it_raise_nothing() -> None:
    tracker = Tracker(TrackingSettings(gap_ms=1e300, evidence=RULE), 0.5)
    for at_ns in (-(1 << 63), -(1 << 63), (1 << 63) - 1, (1 << 63) - 1):
        for suspicion in (0.0, 1.0):
            _, up = tracker.update([region(suspicion)], at_ns)
            assert up is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"most_log_odds": 0.0},
        {"most_log_odds": 1000.5},
        {"raise_log_odds": 0.0},
        {"raise_log_odds": 9.0},
        {"keep_log_odds": 0.0},
        {"keep_log_odds": 4.5},
        {"unseen_log_odds": -0.1},
        {"unseen_log_odds": float("inf")},
        {"half_life_ms": 0.5},
        {"half_life_ms": 600_001.0},
        {"half_life_ms": float("nan")},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    values = {"most_log_odds": 8.0, "raise_log_odds": 4.0, "keep_log_odds": 1.0} | wrong
    with pytest.raises(InvalidSettings, match=next(iter(wrong))):
        EvidenceSettings(**values)
