"""A measurement that an earlier version wrote is read: docs/reference/compatibility.md."""

from __future__ import annotations

from pathlib import Path

from sonoedge_bench.document.document import SCHEMA
from sonoedge_bench.document.files import read_document

KEPT = Path(__file__).parents[2] / "data" / "documents"


def test_a_kept_measurement_of_todays_schema_is_read_with_its_samples() -> None:
    document = read_document(KEPT / f"{SCHEMA}.json")
    assert document.complete
    assert document.model.id.startswith("dark-spots-1-")
