"""verification.json, as the model card reads it."""

from __future__ import annotations

import json
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.seeds import TINY, as_json
from sonoedge.bundle import read_bundle
from sonoedge_export.card.cyclonedx import cyclonedx_card
from sonoedge_export.card.model_card import model_card
from sonoedge_export.card.tables import accuracy_row
from sonoedge_export.card.verification import FILE, parse_verification

MANIFEST = read_bundle(TINY).manifest
TREE: dict[str, Any] = json.loads((TINY / FILE).read_bytes())


def attack(data: bytes) -> None:
    card = model_card(MANIFEST, parse_verification(data))
    json.dumps(cyclonedx_card(card), allow_nan=False)
    accuracy_row(card.trained)


POINT = EntryPoint(
    attack=attack,
    seeds=(as_json(TREE),),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(TREE,), encode=as_json),
    suffix=".json",
)
