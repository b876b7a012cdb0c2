from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.reliability import audit, reliability

from .documents import BUNDLE_ID, table, texts

Read = Callable[..., Inputs]
Written = Callable[[str, Any], Path]


def test_limits_of_reliability_that_are_not_kept_stand_first(read: Read, written: Written) -> None:
    figures = [
        {"name": "a", "value": 1.0, "unit": "ms", "limit": 2.0, "met": True},
        {"name": "b", "value": 1.0, "unit": "", "limit": None, "met": None},
        {"name": "c", "value": 3.0, "unit": "ms", "limit": 2.0, "met": False},
    ]
    document = {"schema": "sonoedge-reliability-1", "bundle_id": BUNDLE_ID, "quick": True,
                "machine": {}, "parts": {"submit": figures}}  # fmt: skip
    section = reliability(read(reliability=written("r.json", document)))
    rows = table(section, "figures").rows
    assert [row[0] for row in texts(rows)] == ["NOT KEPT", "kept", "not judged"]
    assert dict(texts(table(section, "machine").rows))["quick run, which claims nothing"] == "yes"


def test_what_a_log_told_is_listed(read: Read, written: Written) -> None:
    document = {"first": 0, "last": 2019, "hash": "ab", "seal": "", "seals": 4, "lost": 0,
                "seals_checked": False, "unsealed_since_ns": None, "torn": 1}  # fmt: skip
    rows = table(audit(read(audit=written("a.json", document))), "verified").rows
    assert dict(texts(rows))["last"] == "2019"
    assert dict(texts(rows))["seal"] == "none"
    marks = {row.cells[0].text: row.mark for row in rows}
    assert {name for name, mark in marks.items() if mark == "undecided"} == {
        "seals_checked",
        "torn",
    }
