"""A MetaImage file, read in this process: the reader is Python alone."""

from __future__ import annotations

from contextlib import closing

from fuzz.entry_point import EntryPoint
from fuzz.scratch import scratch_file
from fuzz.seeds import corpus
from sonoedge.sources.formats.metaimage import metaimage

MOST_PICTURES = 20


def attack(data: bytes) -> None:
    contents = metaimage(scratch_file("a.mha", data))
    with closing(contents.pictures()) as pictures:
        for _, picture in zip(range(MOST_PICTURES), pictures, strict=False):
            assert picture.pixels.size


POINT = EntryPoint(
    attack=attack, seeds=corpus("metaimage"), engines=("bytes", "coverage"), suffix=".mha"
)
