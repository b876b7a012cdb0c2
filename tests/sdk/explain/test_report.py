from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explain_samples import explained


def test_the_highest_weight_is_the_strongest_tint_and_what_helps_is_none() -> None:
    levels = explained((0.2, -0.3, 0.1, 0.0)).levels()
    assert (levels[0, 0], levels[0, -1], levels[-1, 0], levels[-1, -1]) == (1, 0, 0.5, 0)


def test_json_holds_the_map_row_by_row() -> None:
    data = explained((0.2, -0.3, 0.1, 0.0)).plain()
    assert data["map"] == [[0.2, -0.3], [0.1, 0.0]]
    assert data["drawn"]


def test_a_map_that_is_not_drawn_is_nowhere() -> None:
    drawn = explained((0.2, 0, 0, 0))
    refused = replace(drawn, deletion=replace(drawn.deletion, figure=0.0))
    assert refused.plain()["map"] is None
    assert refused.sentence().startswith("no map is drawn: ")
    assert np.ptp(drawn.picture()) > 0
    assert np.ptp(refused.picture()) == 0  # the even frame as it is


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_map_without_any_weight_tints_nothing(value: float) -> None:
    assert not explained((value,) * 4).levels().any()
