from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("cyclonedx", reason="needs the extra export")

from sonoedge.errors import InvalidData
from sonoedge_export.sbom.schema import check_schema

TINY = Path(__file__).parents[2] / "data" / "tiny"


def test_a_document_that_a_reader_would_refuse_is_refused_by_its_place() -> None:
    text = (TINY / "sbom.cdx.json").read_text()
    check_schema(text, "1.6")
    with pytest.raises(InvalidData, match=r"not valid CycloneDX 1\.6"):
        check_schema(text.replace('"0.858698"', "0.858698"), "1.6")  # metrics are text
    with pytest.raises(InvalidData):
        check_schema(text.replace("machine-learning-model", "network"), "1.6")
