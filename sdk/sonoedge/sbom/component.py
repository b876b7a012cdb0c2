"""A part of a bill of materials, as CycloneDX writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import quote

# What is written where nobody told: SPDX's word (SPDX 2.3, clause 7), which readers know.
UNKNOWN: Final = "NOASSERTION"

Kind = Literal[
    "application",
    "file",
    "firmware",
    "library",
    "machine-learning-model",
    "operating-system",
    "platform",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """Under which terms a part comes, as it declares itself.

    Attributes:
        expression: in SPDX's terms; None where it was not given so.
        names: otherwise, what it is called.
    """

    expression: str | None = None
    names: tuple[str, ...] = ()

    def cyclonedx(self) -> list[dict[str, Any]]:
        """The value of the key `licenses`."""
        if self.expression is not None:
            return [{"expression": self.expression, "acknowledgement": "declared"}]
        return [{"license": {"name": name} | _declared(name)} for name in self.names]


def _declared(name: str) -> dict[str, str]:
    return {} if name == UNKNOWN else {"acknowledgement": "declared"}


NO_LICENCE_KNOWN: Final = Licence(names=(UNKNOWN,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One part.

    A file is supplied and licensed as the part that it is listed in; of any other part a
    supplier and a licence are always written, `UNKNOWN` where nobody told.

    Attributes:
        ref: what identifies it within the document.
        version: None is not written, for files alone.
        supplier: who provides it; None where nobody told.
        licence: None where nobody told.
        purl: package URL; None without one.
        sha256: of the file, or of the archive it came in; hexadecimal, or None.
        properties: our own names to texts; a list gives one property for each text.
        parts: parts within it.
        model_card: the value of `modelCard`, for a machine-learning model alone.
    """

    kind: Kind
    ref: str
    name: str
    version: str | None = None
    supplier: str | None = None
    licence: Licence | None = None
    description: str | None = None
    purl: str | None = None
    sha256: str | None = None
    scope: Literal["required", "optional"] | None = None
    properties: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    parts: tuple[Component, ...] = ()
    model_card: Mapping[str, Any] | None = None

    def cyclonedx(self) -> dict[str, Any]:
        """The component as CycloneDX 1.6 and 1.7 write it, in the specification's order."""
        is_file = self.kind == "file"
        version = self.version if self.version is not None or is_file else UNKNOWN
        supplier = self.supplier if self.supplier is not None or is_file else UNKNOWN
        licence = self.licence if self.licence is not None or is_file else NO_LICENCE_KNOWN
        values: dict[str, Any] = {
            "type": self.kind,
            "bom-ref": self.ref,
            "supplier": None if supplier is None else {"name": supplier},
            "name": self.name,
            "version": version,
            "description": self.description,
            "scope": self.scope,
            "hashes": None if self.sha256 is None else [sha256_hash(self.sha256)],
            "licenses": None if licence is None else licence.cyclonedx(),
            "purl": self.purl,
            "components": [part.cyclonedx() for part in self.parts],
            "modelCard": self.model_card,
            "properties": property_list(self.properties),
        }
        return {key: value for key, value in values.items() if value not in (None, [])}


def sha256_hash(digest: str) -> dict[str, str]:
    """A SHA-256 (hexadecimal) as CycloneDX writes it."""
    return {"alg": "SHA-256", "content": digest}


def property_list(properties: Mapping[str, str | Sequence[str]]) -> list[dict[str, str]]:
    """Names and values, each value as an entry of its own."""
    return [
        {"name": name, "value": text}
        for name, value in properties.items()
        for text in ((value,) if isinstance(value, str) else value)
    ]


def pypi_purl(name: str, version: str) -> str:
    """The package URL of a Python distribution (purl-spec, type pypi): its name normalised.

    Args:
        version: as its metadata write it; characters that mean something in an URL are escaped.
    """
    return f"pkg:pypi/{normalised(name)}@{quote(version, safe='.!')}"


def without_version(purl: str | None) -> str | None:
    """A package URL up to its version: what is the same package."""
    return None if purl is None else purl.partition("@")[0]


def normalised(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
