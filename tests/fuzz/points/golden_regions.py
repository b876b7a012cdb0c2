"""A bundle's golden regions."""

from __future__ import annotations

import json

from fuzz.entry_point import Document, EntryPoint
from fuzz.seeds import TINY, as_json
from sonoedge.bundle.golden import read_regions

TEXT = (TINY / "golden" / "onnxruntime-fp32.json").read_bytes()


def attack(data: bytes) -> None:
    read_regions(data, "golden.json", 3)


POINT = EntryPoint(
    attack=attack,
    seeds=(TEXT,),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(json.loads(TEXT),), encode=as_json),
    suffix=".json",
)
