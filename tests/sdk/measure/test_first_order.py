from __future__ import annotations

import numpy as np
import pytest

from sonoedge.measure.first_order import NAMES, first_order


def values(levels: list[int]) -> dict[str, float]:
    return dict(zip(NAMES, first_order(np.array(levels, dtype=np.uint8)), strict=True))


def test_percentiles_are_levels_that_occur() -> None:
    got = values([0] * 5 + [10] * 4 + [200])
    assert (got["p10"], got["median"], got["p90"], got["maximum"]) == (0, 0, 10, 200)


def test_two_levels_in_equal_parts_have_one_bit() -> None:
    got = values([50, 150] * 20)
    assert got["entropy"] == pytest.approx(1)
    assert got["mean"] == 100
    assert got["variance"] == 2500
    assert got["kurtosis"] == pytest.approx(-2)
    assert got["skewness"] == 0


@pytest.mark.parametrize("level", [0, 255])
def test_one_level_divides_by_nothing(level: int) -> None:
    got = values([level] * 20)
    assert got["variance"] == got["coefficient_of_variation"] == got["entropy"] == 0
    assert got["root_mean_square"] == level
