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
    document = {"schema": "sonoedge-audit-verify-1", "records": 2020, "intact": True}
    section = audit(read(audit=written("a.json", document)))
    assert dict(texts(table(section, "verified").rows))["records"] == "2020"
