"""Videos."""

from __future__ import annotations

from fuzz.entry_point import EntryPoint
from fuzz.points.decoded import attack_of
from fuzz.seeds import corpus
from sonoedge.sources.formats import VIDEO

POINT = EntryPoint(
    attack=attack_of(VIDEO, ".mp4"),
    seeds=corpus("video"),
    engines=("bytes",),
    suffix=".mp4",
)
