from __future__ import annotations

from typing import Any

import pytest

from sonoedge import Recording
from sonoedge.errors import InvalidSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"folder": 3},
        {"folder": "a\0b"},
        {"before_s": -1.0},
        {"before_s": float("nan")},
        {"after_s": 601},
        {"after_s": True},
        {"before_s": 0, "after_s": 0},
        {"disk_mb": 0},
        {"disk_mb": 1.5},
        {"memory_mb": 4097},
        {"memory_mb": True},
    ],
)
def test_what_cannot_be_recorded_is_refused_by_its_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettings, match=next(reversed(wrong))):
        Recording(**{"folder": "x", **wrong})


def test_memory_is_counted_in_mebibytes() -> None:
    assert Recording(folder="x", memory_mb=3).memory_bytes == 3 * 1024 * 1024
