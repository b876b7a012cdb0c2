"""PGM and PPM of a command: pictures one after the other, from its output."""

from __future__ import annotations

import io
import tempfile

import numpy as np

from fuzz.entry_point import EntryPoint
from sonoedge.errors import StreamRefused
from sonoedge.sources.pipe.pictures import Output

_GREY = b"P5\n5 4\n255\n" + bytes(range(20))
SEEDS = (
    _GREY + _GREY,
    b"P6 2 2 255 " + bytes(range(12)) + _GREY,
    b"P5\n  64\n\n  2 255\n" + bytes(128),
)


def attack(data: bytes) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0, io.SEEK_SET)
        # A file ends where it ends, as the output of a command that has ended.
        output = Output(file.fileno())
        while (pixels := output.picture(None, 60)) is not None:
            assert pixels.dtype == np.uint8
            assert pixels.shape[2:] in ((), (3,))


POINT = EntryPoint(
    attack=attack, seeds=SEEDS, engines=("bytes", "coverage"), tolerated=(StreamRefused,)
)
