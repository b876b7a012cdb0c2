"""A measurement's document, as `sonoedge bench --compare` reads one of another machine."""

from __future__ import annotations

import json
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.scratch import scratch_file
from fuzz.seeds import as_json, corpus
from sonoedge_bench.document.files import read_document

TEXTS = corpus("bench-document")
TREES: tuple[Any, ...] = tuple(map(json.loads, TEXTS))


def attack(data: bytes) -> None:
    read_document(scratch_file("bench.json", data))


POINT = EntryPoint(
    attack=attack,
    seeds=TEXTS,
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=TREES, encode=as_json),
    suffix=".json",
)
