"""What a picture's header claims, in the process that decodes."""

from __future__ import annotations

from fuzz.entry_point import EntryPoint
from fuzz.seeds import corpus
from sonoedge.sources.formats.picture_header import claim


def attack(data: bytes) -> None:
    claim(data)


POINT = EntryPoint(
    attack=attack, seeds=corpus("picture"), engines=("bytes", "coverage"), tolerated=()
)
