from __future__ import annotations

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge_export.recipe.expected import Expected


@pytest.mark.parametrize("name", ["dice_mean", "sensitivity", "tolerance"])
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_figure_out_of_range_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(InvalidSettings, match=f"expected.{name} must be 0 to 1"):
        Expected(**{name: value})
