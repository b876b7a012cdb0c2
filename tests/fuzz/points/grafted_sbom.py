"""A bill of materials that a distribution carries: whatever it holds, it stops no device's list."""

from __future__ import annotations

import json
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.scratch import scratch_file
from fuzz.seeds import as_json
from sonoedge.sbom.grafted import grafted

PARTS: list[dict[str, Any]] = [
    {"type": "library", "name": "a", "purl": "pkg:pypi/some_thing@1"},
    {
        "type": "library",
        "name": "openssl-libs",
        "version": "1.1.1k",
        "purl": "pkg:rpm/almalinux/openssl-libs@1.1.1k",
        "supplier": {"name": "s"},
        "licenses": [{"license": {"id": "MIT"}}, {"expression": "MIT"}],
        "hashes": [{"alg": "SHA-256", "content": "0" * 64}],
        "components": [{"name": "inner"}],
    },
]
TREE: dict[str, Any] = {"bomFormat": "CycloneDX", "specVersion": "1.4", "components": PARTS}


def attack(data: bytes) -> None:
    found = grafted("some-thing", (scratch_file("a.cdx.json", data),))
    for component in found.components:
        json.dumps(component.cyclonedx(), allow_nan=False)


POINT = EntryPoint(
    attack=attack,
    seeds=(as_json(TREE),),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(TREE,), encode=as_json),
    tolerated=(),
    suffix=".json",
)
