"""Requirements and hazards of a user's own, as `sonoedge evidence` reads them."""

from __future__ import annotations

from fuzz.entry_point import Document, EntryPoint
from fuzz.points.toml_text import as_toml
from sonoedge.errors import InvalidData
from sonoedge_export.evidence.records import parse_hazards, parse_requirements, tomllib

REQUIREMENTS = b"""[[requirement]]
id = "R1"
text = "It holds."
tests = ["tests/test_x.py::test_a"]
"""
HAZARDS = b"""[[hazard]]
id = "H1"
hazard = "late"
situation = "busy"
harm = "wrong place"
left_to_the_manufacturer = "measure"
[[hazard.control]]
text = "newest wins"
requirements = ["R1"]
tests = ["tests/test_x.py::test_a"]
"""
TEXTS = (REQUIREMENTS, HAZARDS)


def attack(data: bytes) -> None:
    known = parse_requirements(REQUIREMENTS, "r.toml")
    try:
        parse_hazards(data, "h.toml", known)
    except InvalidData:
        parse_requirements(data, "r.toml")


POINT = EntryPoint(
    attack=attack,
    seeds=TEXTS,
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=tuple(tomllib.loads(t.decode()) for t in TEXTS), encode=as_toml),
    suffix=".toml",
)
