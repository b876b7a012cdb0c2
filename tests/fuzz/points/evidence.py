"""Documents of others, as `sonoedge evidence` reads them and lays them out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.seeds import TESTS, as_json, corpus
from sonoedge_export.evidence.cells import Section
from sonoedge_export.evidence.inputs import KINDS, WITHIN, Inputs, Paths, read_inputs
from sonoedge_export.evidence.page import html_text
from sonoedge_export.evidence.reading import parse_document
from sonoedge_export.evidence.sections.guard import guard
from sonoedge_export.evidence.sections.latency import latency
from sonoedge_export.evidence.sections.model import data
from sonoedge_export.evidence.sections.operation import operating_point
from sonoedge_export.evidence.sections.parts import sbom
from sonoedge_export.evidence.sections.performance import gates, performance
from sonoedge_export.evidence.sections.provisioning import provision
from sonoedge_export.evidence.sections.reliability import audit, reliability
from sonoedge_export.evidence.sheets import sheets

TEXTS = corpus("evidence")
TREES: tuple[Any, ...] = tuple(map(json.loads, TEXTS))
INPUTS = read_inputs(Paths(bundle=TESTS / "data" / "tiny"))
# role of a document: the chapters that show it
CHAPTERS: dict[str, tuple[Callable[[Inputs], Section], ...]] = {
    "verify": (performance, gates),
    "bench": (latency,),
    "reliability": (reliability,),
    "provision": (provision,),
    "guard": (guard,),
    "audit": (audit,),
    "verification": (performance, operating_point),
    "calibration": (data,),
    "sbom": (sbom,),
}
assert set(CHAPTERS) == {*KINDS, *WITHIN}


def attack(content: bytes) -> None:
    document = parse_document(content, "x.json", "any")
    sections = []
    for role, chapters in CHAPTERS.items():  # any document may stand in any place
        manifest = INPUTS.of("manifest")
        inputs = replace(INPUTS, documents=(*manifest, replace(document, role=role)))
        for chapter in chapters:
            try:
                sections.append(chapter(inputs))
            except POINT.tolerated:
                continue
    html_text("x", "x", sections)
    assert list(sheets(sections))


POINT = EntryPoint(
    attack=attack,
    seeds=TEXTS,
    engines=("trees", "bytes"),
    document=Document(trees=TREES, encode=as_json),
    suffix=".json",
)
