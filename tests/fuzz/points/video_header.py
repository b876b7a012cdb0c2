"""The boxes of an MP4 file."""

from __future__ import annotations

from fuzz.entry_point import EntryPoint
from fuzz.scratch import scratch_file
from fuzz.seeds import corpus
from sonoedge.sources.formats.mp4 import movie


def attack(data: bytes) -> None:
    movie(scratch_file("a.mp4", data))


POINT = EntryPoint(
    attack=attack, seeds=corpus("video-header"), engines=("bytes", "coverage"), tolerated=(),
    suffix=".mp4",
)  # fmt: skip
