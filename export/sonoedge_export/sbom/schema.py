"""A bill of materials against the published schema: what a reader would refuse is not written."""

from __future__ import annotations

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from sonoedge.errors import InvalidData
from sonoedge.sbom.document import SpecVersion


def check_schema(text: str, spec_version: SpecVersion) -> None:
    """Refuse a document that is not valid against CycloneDX's strict JSON Schema.

    Raises:
        InvalidData: the message says where, and which value it is.
    """
    error = JsonStrictValidator(SchemaVersion.from_version(spec_version)).validate_str(text)
    if error is not None:
        raise InvalidData(
            f"the bill of materials is not valid CycloneDX {spec_version}: {str(error)[:300]}; "
            "a text of the recipe's [card] that is very long or odd may be the cause"
        )
