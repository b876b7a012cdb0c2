"""A user's own list of parts, `sonoedge sbom --device --soup FILE`."""

from __future__ import annotations

import json
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.scratch import scratch_file
from fuzz.seeds import as_json
from sonoedge.sbom.component import Component
from sonoedge.sbom.soup import joined, read_soup
from sonoedge.sbom.vulnerabilities import vulnerabilities

TREE: dict[str, Any] = {
    "parts": [
        {
            "kind": "system",
            "name": "a",
            "versions": ["1"],
            "manufacturer": "m",
            "needed_for": "n",
            "needs": "n",
            "level_of_support": "unknown",
            "end_of_support": "unknown",
            "anomalies": "not looked at",
            "files": ["liba*.so"],
        }
    ],
    "vulnerabilities": [
        {
            "id": "CVE-1",
            "source": "NVD",
            "part": "pkg:pypi/a",
            "versions": ["1"],
            "state": "not_affected",
            "justification": "code_not_present",
            "response": ["update"],
            "detail": "d",
            "judged": "2026-11-29",
        }
    ],
}
COMPONENT = Component(kind="library", ref="a", name="a", version="1", purl="pkg:pypi/a@1")


def attack(data: bytes) -> None:
    soup = joined(read_soup(scratch_file("mine.json", data)), read_soup())
    soup.of_file("liba.so.1")
    json.dumps(vulnerabilities(soup, [COMPONENT]), allow_nan=False)
    for part in soup.parts:
        json.dumps(part.properties("1"), allow_nan=False)


POINT = EntryPoint(
    attack=attack,
    seeds=(as_json(TREE),),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(TREE,), encode=as_json),
    suffix=".json",
)
