from __future__ import annotations

from typing import Any

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.store import HealthLimits


@pytest.mark.parametrize(
    "values",
    [
        {"max_ms": 0.0},
        {"max_ms": float("nan")},
        {"max_ms": float("inf")},
        {"max_ms": 5.0, "frames": 0},
        {"frames": -1},
        {"timeout_s": 0.0},
        {"timeout_s": float("nan")},
        {"memory_mib": 1},
        {"memory_mib": 512.0},
        {"max_ms": "fast"},
        {"frames": True},
    ],
    ids=str,
)
def test_limits_that_would_limit_nothing_or_everything_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettings):
        HealthLimits(**values)
