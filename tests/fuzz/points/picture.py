"""Pictures: PNG, JPEG, BMP, WebP and TIFF, by their marks."""

from __future__ import annotations

from fuzz.entry_point import EntryPoint
from fuzz.points.decoded import attack_of
from fuzz.points.png_checksums import repair
from fuzz.seeds import corpus
from sonoedge.sources.formats import PICTURE

POINT = EntryPoint(
    attack=attack_of(PICTURE, ".png"),
    seeds=corpus("picture"),
    engines=("bytes",),
    suffix=".png",
    repair=repair,
)
