"""What the bundle is built of, by its SBOM (CycloneDX)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sonoedge_export.evidence import forms
from sonoedge_export.evidence.cells import Cell, NotProvided, Row, Section, Table, facts
from sonoedge_export.evidence.document import Place
from sonoedge_export.evidence.inputs import Inputs


def sbom(inputs: Inputs) -> Section:
    """Components with version, licence and digest."""
    tables = []
    for document in inputs.of("sbom"):
        root = document.root
        places = [root / "metadata" / "component", *(root / "components").rows()]
        places += [
            row
            for formula in (root / "formulation").rows()
            for row in (formula / "components").rows()
        ]
        tables += [
            facts(
                "document",
                "Document",
                [
                    ("format", (root / "bomFormat").cell(forms.text)),
                    ("version of the format", (root / "specVersion").cell(forms.text)),
                    ("serial number", (root / "serialNumber").cell(forms.text)),
                ],
            ),
            Table(
                name="components",
                title="Components",
                columns=("name", "type", "version", "licences", "package URL", "digests"),
                rows=tuple(_component(place) for place in places),
            ),
        ]
    return Section(
        name="sbom",
        title="Parts (SBOM)",
        tables=tuple(tables),
        absent="no sbom.cdx.json in the bundle",
    )


def _component(place: Place) -> Row:
    cells: tuple[Cell, ...] = (
        (place / "name").cell(forms.text),
        (place / "type").cell(forms.text),
        (place / "version").cell(forms.text),
        _list(place / "licenses", _licences),
        (place / "purl").cell(forms.text),
        _list(place / "hashes", _hashes),
    )
    return Row(cells=cells)


def _list(place: Place, form: forms.Form) -> Cell:
    return place.cell(form) if place.value else NotProvided(source=place.source)


def _licences(value: Any) -> str:
    return ", ".join(_licence(entry) for entry in _tables(value))


def _licence(entry: Mapping[str, Any]) -> str:
    inner = entry.get("license")
    if isinstance(inner, Mapping):
        return forms.text(inner.get("id") or inner.get("name"))
    return forms.text(entry.get("expression"))


def _hashes(value: Any) -> str:
    return ", ".join(f"{row.get('alg')} {forms.text(row.get('content'))}" for row in _tables(value))


def _tables(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise TypeError("a list of tables")
    return value
