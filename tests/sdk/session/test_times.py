from __future__ import annotations

import math
from typing import Any

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.session.times import check_times


def test_times_are_taken() -> None:
    check_times(a_ms=0.5, b_s=1, c_ms=999_999_999)


@pytest.mark.parametrize("value", [0, -1, 1e9, math.nan, math.inf, True, "1", None])
def test_what_is_no_time_is_refused_by_its_name(value: Any) -> None:
    with pytest.raises(InvalidSettings, match="wait_s must be a number above 0"):
        check_times(good_ms=1, wait_s=value)
