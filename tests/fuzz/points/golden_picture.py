"""A bundle's golden pictures: PNG, decoded by OpenCV in the host."""

from __future__ import annotations

from fuzz.entry_point import EntryPoint
from fuzz.points.png_checksums import repair
from fuzz.seeds import corpus
from sonoedge.bundle.png import decode_png


def attack(data: bytes) -> None:
    decode_png(data, "golden.png")


POINT = EntryPoint(
    attack=attack, seeds=corpus("golden-picture"), engines=("bytes",), repair=repair, suffix=".png"
)
