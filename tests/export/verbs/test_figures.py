from __future__ import annotations

import pytest

from sonoedge_export.verbs.figures import lines, number, percent


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100.0 %"), (0.99999, "99.9 %"), (0.985, "98.5 %"), (0.0, "0.0 %"), (None, "-")],
)
def test_a_share_is_never_rounded_up_to_all(share: float | None, text: str) -> None:
    assert percent(share) == text


def test_counts_have_no_decimals() -> None:
    assert [number(8), number(0.5), number(None)] == ["8", "0.500", "-"]


def test_agreement_is_in_percent_and_intervals_stand_behind_their_figure() -> None:
    metrics = {"dice_mean": 0.75, "dice_ci95": [0.7, 0.8], "flag_agreement": 1.0, "own": {}}
    dice, agreement = lines(metrics)
    assert dice.split() == ["dice_mean", "0.750", "[0.700,", "0.800]"]
    assert agreement.split() == ["flag_agreement", "100.0", "%"]
