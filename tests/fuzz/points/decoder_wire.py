"""What a host reads from the process that decodes a file, which the file may have taken over."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from fuzz.entry_point import Document, EntryPoint
from fuzz.seeds import as_json
from sonoedge.errors import SonoedgeError, SourceError
from sonoedge.frames import FrameMeta
from sonoedge.sources.child.wire import (
    failed_from,
    failed_to,
    opened_from,
    opened_to,
    picture_from,
    picture_to,
    place_from,
    unpack,
)
from sonoedge.sources.picture import Contents, Picture

PIXELS = np.zeros((4, 5), np.uint8)
PICTURE = Picture(
    pixels=PIXELS, time_s=0.5, captured_ns=10**15, stamped=True, spacing_mm=(0.1, 0.2),
    pixel_aspect=1.5, roi_px=(0, 0, 4, 4), meta=FrameMeta(file="a.dcm", invalid="i"),
)  # fmt: skip
MESSAGES = (
    opened_to(Contents(name="n", pictures=lambda: (_ for _ in ()), count=3, fps=30.0)),
    picture_to(PICTURE, 1),
    failed_to(SourceError("broken")),
)
TREES: tuple[Any, ...] = tuple(map(json.loads, MESSAGES))


def attack(data: bytes) -> None:
    message = unpack(data)
    kind = message.get("is")
    if kind == "opened":
        opened_from(message)
    elif kind == "failed":
        assert str(failed_from(message)) is not None
    else:
        _, shape = place_from(message)
        assert len(shape) in (2, 3)
        picture_from(message, PIXELS)


POINT = EntryPoint(
    attack=attack,
    seeds=MESSAGES,
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=TREES, encode=as_json),
    tolerated=(SonoedgeError, ValueError),
    suffix=".json",
)
