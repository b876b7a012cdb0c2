from __future__ import annotations

import json
from typing import Any

from sonoedge.sbom.component import Component
from sonoedge.sbom.document import NOTICE, SbomDocument

MAIN = Component(kind="application", ref="main", name="main", version="1")


def document(**changes: Any) -> SbomDocument:
    values: dict[str, Any] = {
        "spec_version": "1.6",
        "name": "test",
        "created": "2026-01-01T00:00:00+00:00",
        "phase": "build",
        "main": MAIN,
    }
    return SbomDocument(**(values | changes))


def test_the_same_values_give_the_same_bytes_and_another_thing_another_number() -> None:
    assert document().text("x") == document().text("x")
    first, second = (json.loads(document().text(s))["serialNumber"] for s in ("x", "y"))
    assert first != second
    assert first.startswith("urn:uuid:")


def test_a_time_that_nobody_recorded_is_not_made_up() -> None:
    written = json.loads(document(created=None).text("x"))
    assert "timestamp" not in written["metadata"]
    assert {"name": "sonoedge:created", "value": "not recorded"} in written["properties"]


def test_it_says_what_it_is_not_for_and_who_supplies() -> None:
    written = json.loads(document().text("x"))
    assert {"name": "sonoedge:notice", "value": NOTICE} in written["properties"]
    assert written["metadata"]["supplier"] == {"name": "NOASSERTION"}


def test_the_version_of_the_format_is_the_one_asked_for() -> None:
    written = json.loads(document(spec_version="1.7").text("x"))
    assert written["specVersion"] == "1.7"
    assert written["$schema"].endswith("bom-1.7.schema.json")
