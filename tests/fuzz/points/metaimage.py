"""MetaImage files, with the process around their reader."""

from __future__ import annotations

from fuzz.entry_point import EntryPoint
from fuzz.points.decoded import attack_of
from fuzz.seeds import corpus
from sonoedge.sources.formats import METAIMAGE

POINT = EntryPoint(
    attack=attack_of(METAIMAGE, ".mha"),
    seeds=corpus("metaimage"),
    engines=("bytes",),
    suffix=".mha",
)
