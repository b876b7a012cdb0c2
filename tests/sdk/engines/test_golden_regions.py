from __future__ import annotations

import re

import pytest

from sonoedge.bundle.golden import GoldenRegion, GoldenRegions
from sonoedge.engines.golden_regions import flag_difference, settings_difference

BOX = (10, 10, 20, 20)
THRESHOLD = 0.5


def regions(*suspicions: float, box: tuple[int, int, int, int] = BOX) -> GoldenRegions:
    made = tuple(
        GoldenRegion(box_px=box, area_px=100.0, suspicion=s, flagged=s >= THRESHOLD)
        for s in suspicions
    )
    return GoldenRegions(flagged=any(r.flagged for r in made), regions=made)


def test_the_same_regions_in_any_order_are_the_same() -> None:
    assert settings_difference(regions(0.9, 0.2), regions(0.2, 0.9), THRESHOLD) == ""
    assert settings_difference(regions(), regions(), THRESHOLD) == ""
    moved = regions(0.90005, box=(11, 9, 20, 21))
    assert settings_difference(regions(0.9), moved, THRESHOLD) == ""


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (regions(), "0 regions, not 1"),
        (regions(0.9, 0.9), "2 regions, not 1"),
        (regions(0.899), "no region at .* of suspicion 0.900"),
        (regions(0.9, box=(12, 10, 20, 20)), "no region at"),
    ],
)
def test_regions_that_changed_settings_hide_or_move_are_told(now: GoldenRegions, says: str) -> None:
    assert re.search(says, settings_difference(regions(0.9), now, THRESHOLD))


def test_a_flag_that_another_threshold_takes_away_is_told() -> None:
    one = GoldenRegion(box_px=BOX, area_px=100.0, suspicion=0.9, flagged=False)
    hidden = GoldenRegions(flagged=False, regions=(one,))
    assert "not flagged" in settings_difference(regions(0.9), hidden, 0.95)
    assert settings_difference(regions(0.9), hidden, 0.90001) == ""  # rounding alone


@pytest.mark.req("R27")
def test_flags_that_were_decided_must_be_raised_again() -> None:
    assert flag_difference(regions(0.9), regions(0.6), THRESHOLD) == ""
    assert "0.400, not flagged; at export 0.900" in flag_difference(
        regions(0.9), regions(0.4), THRESHOLD
    )
    assert "0.600, flagged" in flag_difference(regions(0.1), regions(0.6), THRESHOLD)
    assert "0.000, not flagged" in flag_difference(regions(0.9), regions(), THRESHOLD)


def test_a_frame_at_the_threshold_may_be_flagged_either_way() -> None:
    assert flag_difference(regions(0.54), regions(0.46), THRESHOLD) == ""
    assert flag_difference(regions(0.46), regions(0.54), THRESHOLD) == ""


def test_the_flag_must_be_for_the_same_region() -> None:
    elsewhere = regions(0.9, box=(50, 50, 60, 60))
    assert "no flagged region at (10, 10, 20, 20)" in flag_difference(
        regions(0.9), elsewhere, THRESHOLD
    )
    for box in ((10, 10, 15, 20), (0, 0, 40, 40)):  # split, merged
        assert flag_difference(regions(0.9), regions(0.9, box=box), THRESHOLD) == ""
