"""Parts that a distribution names in bills of materials of its own (PEP 770).

A wheel may carry libraries of other makers within it; `*.dist-info/sboms/*.json` says which.
They are CycloneDX 1.4 to 1.7: only what all of these write alike is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sonoedge.bounded_read import read_bounded
from sonoedge.errors import InvalidSettings
from sonoedge.sbom.component import Component, Licence
from sonoedge.strict_json import parse_json

MOST_BYTES: Final = 1 << 24
MOST_TEXT: Final = 500  # characters of a name or an address
_SHA256: Final = re.compile("[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grafted:
    """What the files of one distribution name.

    Attributes:
        components: each once, by name and version.
        unreadable: the files that could not be read, and why.
    """

    components: tuple[Component, ...]
    unreadable: tuple[str, ...]


def grafted(owner: str, files: tuple[Path, ...]) -> Grafted:
    """The parts that these files name, but for the distribution itself.

    Args:
        owner: the distribution's name, normalised; the parts' refs begin with it.
        files: its bills of materials.
    """
    parts: dict[tuple[str, str | None], Component] = {}
    unreadable = []
    for file in files:
        try:
            rows = tuple(_rows(parse_json(_read(file), file.name, most_bytes=MOST_BYTES), owner))
        except (InvalidSettings, OSError) as error:
            unreadable.append(f"{file.name}: {error}")
            continue
        for row in rows:
            part = _component(row, owner, len(parts))
            if part is not None:
                parts.setdefault((part.name, part.version), part)
    return Grafted(components=tuple(parts.values()), unreadable=tuple(unreadable))


def _read(file: Path) -> bytes:
    return read_bounded(file, MOST_BYTES)


def _rows(document: object, owner: str) -> Iterator[Mapping[str, Any]]:
    """The components of a document, those within others too, without the owner itself."""
    if not isinstance(document, Mapping) or document.get("bomFormat") != "CycloneDX":
        raise InvalidSettings("it is no CycloneDX document")
    yield from _below(document, owner)


def _below(node: Mapping[str, Any], owner: str) -> Iterator[Mapping[str, Any]]:
    components = node.get("components")
    for row in components if isinstance(components, list) else ():
        if not isinstance(row, Mapping):
            continue
        purl = _text(row.get("purl")) or ""
        if re.sub(r"[-_.]+", "-", purl).lower().startswith(f"pkg:pypi/{owner}@"):
            continue
        yield row
        yield from _below(row, owner)


def _component(row: Mapping[str, Any], owner: str, number: int) -> Component | None:
    name = _text(row.get("name"))
    if name is None:
        return None
    supplier = row.get("supplier")
    return Component(
        kind="library",
        ref=f"{owner}/grafted/{number}",
        name=name,
        version=_text(row.get("version")),
        supplier=_text(supplier.get("name")) if isinstance(supplier, Mapping) else None,
        licence=_licence(row.get("licenses")),
        purl=_text(row.get("purl")),
        sha256=_sha256(row.get("hashes")),
        properties={"sonoedge:named_by": "the distribution's own bill of materials (PEP 770)"},
    )


def _licence(choice: object) -> Licence | None:
    names = []
    for row in choice if isinstance(choice, list) else ():
        if not isinstance(row, Mapping):
            continue
        expression = _text(row.get("expression"))
        if expression is not None:
            return Licence(expression=expression)
        licence = row.get("license")
        if isinstance(licence, Mapping):
            names.append(_text(licence.get("id")) or _text(licence.get("name")))
    known = tuple(name for name in names if name is not None)
    return Licence(names=known) if known else None


def _sha256(hashes: object) -> str | None:
    for row in hashes if isinstance(hashes, list) else ():
        if isinstance(row, Mapping) and row.get("alg") == "SHA-256":
            content = row.get("content")
            if isinstance(content, str) and _SHA256.fullmatch(content):
                return content.lower()
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= MOST_TEXT else None
