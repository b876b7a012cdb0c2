from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sonoedge.guard import GuardSettings
from sonoedge.settings import plain
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.guard import guard

from .documents import table, texts

Read = Callable[..., Inputs]
Written = Callable[[str, Any], Path]


def test_rates_of_the_guard_say_whether_they_are_of_the_bundles_settings(
    read: Read, written: Written
) -> None:
    rate = {"name": "black", "frames": 100, "stopped": 98, "share": 0.98, "reasons": {"BLACK": 98},
            "minimum": 0.99, "maximum": None, "met": False}  # fmt: skip
    free = rate | {"name": "clip", "minimum": None, "met": True, "frames": 9}
    document = {"schema": "sonoedge-guard-rates-1", "rates": [free, rate],
                "settings": plain(GuardSettings(frozen_after_ms=None))}  # fmt: skip
    section = guard(read(guard=written("g.json", document)))
    assert texts(table(section, "measured").rows) == [["settings", "those of the bundle"]]
    rows = texts(table(section, "rates").rows)
    assert [row[:4] for row in rows] == [
        ["NOT KEPT", "black", "100", "98.0 %"],
        ["not judged", "clip", "9", "too few"],
    ]
    document["settings"] = plain(GuardSettings(black_level=5))
    section = guard(read(guard=written("g2.json", document)))
    assert texts(table(section, "measured").rows) == [["black_level, other than the bundle's", "5"]]
