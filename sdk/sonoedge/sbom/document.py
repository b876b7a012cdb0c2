"""A CycloneDX document (ECMA-424): deterministic text for what it lists."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sonoedge.sbom.component import UNKNOWN, Component, property_list

SpecVersion = Literal["1.6", "1.7"]
SPEC_VERSIONS: Final[tuple[SpecVersion, ...]] = ("1.6", "1.7")
NOTICE: Final = "For research and engineering. Not for diagnosis."


@dataclass(frozen=True, slots=True, kw_only=True)
class SbomDocument:
    """A bill of materials.

    Attributes:
        spec_version: of CycloneDX; many readers lag behind the newest.
        name: what it is of, for its serial number.
        created: ISO 8601; None where it is not recorded, and then the document says so.
        phase: of the life cycle that it was made in.
        main: what the document is about.
        supplier: who provides `main`; None where nobody told.
        components: its parts.
        dependencies: by a part's `ref`, those that it needs.
        compositions: by what is known of their own parts ("complete", "unknown"), refs.
        vulnerabilities, formulation: as CycloneDX writes them.
        properties: of the document.
    """

    spec_version: SpecVersion
    name: str
    created: str | None
    phase: Literal["build", "operations"]
    main: Component
    supplier: str | None = None
    components: Sequence[Component] = ()
    dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    compositions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    vulnerabilities: Sequence[Mapping[str, Any]] = ()
    formulation: Sequence[Mapping[str, Any]] = ()
    properties: Mapping[str, str | Sequence[str]] = field(default_factory=dict)

    def text(self, serial: str) -> str:
        """The document; the same values give the same bytes.

        Args:
            serial: identifies what the document is of. The serial number is a UUID made from it
                (RFC 9562, version 5), so that the same thing has the same number everywhere.
        """
        number = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:sonoedge:{self.name}:{serial}")
        return json.dumps(self._values(number), indent=1, allow_nan=False) + "\n"

    def _values(self, number: uuid.UUID) -> dict[str, Any]:
        from sonoedge import __version__

        tool = {"type": "application", "name": "sonoedge", "version": __version__}
        metadata = {
            "timestamp": self.created,
            "lifecycles": [{"phase": self.phase}],
            "tools": {"components": [tool]},
            "component": self.main.cyclonedx(),
            "supplier": {"name": UNKNOWN if self.supplier is None else self.supplier},
        }
        properties = dict(self.properties) | {"sonoedge:notice": NOTICE}
        if self.created is None:
            properties["sonoedge:created"] = "not recorded"
        values: dict[str, Any] = {
            "$schema": f"http://cyclonedx.org/schema/bom-{self.spec_version}.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": self.spec_version,
            "serialNumber": number.urn,
            "version": 1,
            "metadata": {key: value for key, value in metadata.items() if value is not None},
            "components": [component.cyclonedx() for component in self.components],
            "dependencies": [
                {"ref": ref, "dependsOn": list(needed)} for ref, needed in self.dependencies.items()
            ],
            "compositions": [
                {"aggregate": known, "assemblies": list(refs)}
                for known, refs in self.compositions.items()
                if refs
            ],
            "vulnerabilities": list(self.vulnerabilities),
            "formulation": list(self.formulation),
            "properties": property_list(properties),
        }
        return {key: value for key, value in values.items() if value != []}
