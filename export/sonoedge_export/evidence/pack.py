"""Make a pack: read everything, lay it out, write all of it or nothing."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from sonoedge import __version__
from sonoedge.settings import plain
from sonoedge.trust.envelope import seal
from sonoedge.trust.signing import Signer
from sonoedge_export.bundle.publish import EVIDENCE, publish, write
from sonoedge_export.evidence.cells import Cell, Section, Value
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.overview import documents, overview
from sonoedge_export.evidence.page import HEADING, html_text
from sonoedge_export.evidence.sections.change import against
from sonoedge_export.evidence.sections.guard import guard
from sonoedge_export.evidence.sections.latency import latency
from sonoedge_export.evidence.sections.model import data, identity, model
from sonoedge_export.evidence.sections.operation import operating_point
from sonoedge_export.evidence.sections.opinions import opinions
from sonoedge_export.evidence.sections.parts import sbom
from sonoedge_export.evidence.sections.performance import gates, performance
from sonoedge_export.evidence.sections.provisioning import provision
from sonoedge_export.evidence.sections.reliability import audit, reliability
from sonoedge_export.evidence.sections.texts import messages
from sonoedge_export.evidence.sections.trace import hazards, trace
from sonoedge_export.evidence.sheets import sheets, state

PACK_SCHEMA: Final = "sonoedge-evidence-1"
INDEX_SCHEMA: Final = "sonoedge-evidence-index-1"
# What is signed: an index can never be read as a manifest, a keyring or a grant.
INDEX_KIND: Final = "application/vnd.sonoedge.evidence-index.v1+json"
INDEX: Final = "index.json"
ENVELOPE: Final = "index.dsse.json"
PAGE: Final = "evidence.html"
DOCUMENT: Final = "evidence.json"

SECTIONS: Final[tuple[Callable[[Inputs], Section], ...]] = (
    identity,
    model,
    data,
    performance,
    gates,
    operating_point,
    opinions,
    latency,
    reliability,
    provision,
    guard,
    audit,
    sbom,
    trace,
    hazards,
    messages,
    against,
    documents,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack in memory.

    Attributes:
        made: ISO 8601, UTC.
        sections: its chapters, the overview first.
    """

    bundle_id: str
    manifest_sha256: str
    made: str
    sections: tuple[Section, ...]

    @property
    def marks(self) -> Mapping[str, int]:
        """How many rows failed, are undecided, passed; the overview's own are not counted."""
        rows = [row.mark for section in self.sections[1:] for row in section.rows]
        return {mark: rows.count(mark) for mark in ("fail", "undecided", "pass")}


def make_pack(inputs: Inputs) -> Pack:
    """Lay out what was read.

    Raises:
        InvalidData: a document holds something else than its schema says.
    """
    sections = [section(inputs) for section in SECTIONS]
    return Pack(
        bundle_id=inputs.bundle.manifest.bundle_id,
        manifest_sha256=inputs.bundle.manifest_sha256,
        made=_made(),
        sections=(overview(sections), *sections),
    )


def write_pack(
    pack: Pack, inputs: Inputs, target: Path, signers: Sequence[Signer], *, force: bool
) -> None:
    """Write a pack's folder, its index last, and sign that.

    Args:
        signers: who vouches for the index; nobody leaves it unsigned.
        force: replace a pack that is there.

    Raises:
        InvalidSettings: something else than a pack is there, or one that must stay.
        OutputError: it cannot be written; the target is unchanged.
        TrustError: a signer failed.
    """
    content = {
        PAGE: html_text(pack.bundle_id, pack.made, pack.sections),
        DOCUMENT: _json(_document(pack)),
        **dict(sheets(pack.sections)),
    }
    files = {path: text.encode() for path, text in content.items()}
    index = _json(_index(pack, inputs, files)).encode()
    signatures = [signer.sign(INDEX_KIND, index) for signer in signers]
    with publish(target, EVIDENCE, replace=force) as draft:
        for path, data_ in files.items():
            write(draft, path, data_)
        if signatures:
            write(draft, ENVELOPE, seal(INDEX_KIND, index, signatures))
        write(draft, INDEX, index)


def _document(pack: Pack) -> dict[str, Any]:
    return {
        "schema": PACK_SCHEMA,
        "heading": HEADING,
        "bundle_id": pack.bundle_id,
        "manifest_sha256": pack.manifest_sha256,
        "made": pack.made,
        "sonoedge": __version__,
        "sections": [_section(section) for section in pack.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    tables = [
        {
            "name": table.name,
            "title": table.title,
            "columns": list(table.columns),
            "rows": [
                {"mark": row.mark, "cells": [_cell(cell) for cell in row.cells]}
                for row in table.rows
            ],
        }
        for table in section.tables
    ]
    return {"name": section.name, "title": section.title, "tables": tables}


def _cell(cell: Cell) -> dict[str, Any]:
    """A cell that has no value has no key `value`, so that nobody reads null as one."""
    fields: dict[str, Any] = {"state": state(cell), "text": cell.text}
    if cell.detail:
        fields["detail"] = cell.detail
    if isinstance(cell, Value):
        fields["value"] = plain(cell.value)
    return fields | {"file": cell.source.file, "keys": list(cell.source.keys)}


def _index(pack: Pack, inputs: Inputs, files: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "schema": INDEX_SCHEMA,
        "bundle_id": pack.bundle_id,
        "manifest_sha256": pack.manifest_sha256,
        "made": pack.made,
        "sonoedge": __version__,
        "inputs": [plain(file) for file in inputs.files],
        "files": {
            path: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for path, content in sorted(files.items())
        },
    }


def _json(value: object) -> str:
    return json.dumps(value, indent=1, allow_nan=False) + "\n"


def _made() -> str:
    """Now, or what SOURCE_DATE_EPOCH says: the same inputs then give the same bytes."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = (
        datetime.fromtimestamp(int(epoch), tz=timezone.utc)
        if epoch.isdecimal() and len(epoch) <= 11
        else datetime.now(timezone.utc)
    )
    return moment.isoformat(timespec="seconds")
