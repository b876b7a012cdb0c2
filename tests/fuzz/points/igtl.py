"""OpenIGTLink: what a live peer sends, as a stream of messages; a network is what it comes from."""

from __future__ import annotations

import contextlib
import struct
import time

import numpy as np

from fuzz.entry_point import EntryPoint
from sonoedge.errors import StreamRefused
from sonoedge.igtl.checksum import crc64
from sonoedge.igtl.image import image_from
from sonoedge.igtl.inbox import Inbox
from sonoedge.igtl.message import HEADER
from sonoedge.igtl.outgoing import image_content, message, polydata_content, status_content
from sonoedge.sinks.igtl_peer import Heard

_GREY = image_content(np.arange(20, dtype=np.uint8).reshape(4, 5), (0.2, 0.1))
_COLOUR = image_content(np.arange(60, dtype=np.uint8).reshape(4, 5, 3))
_KEYS = struct.pack(">HHHI", 1, 4, 3, 6)
_WITH_METADATA = struct.pack(">HHII", 12, len(_KEYS), 10, 7) + _GREY + _KEYS + b"unitmicron"
SEEDS = (
    message("IMAGE", "Image_Reference", _GREY, 1, 1 << 32),
    message("IMAGE", "Image", _COLOUR, 2, 1 << 32),
    message("STATUS", "s", status_content(1, "OK", "fine"), 1, 1 << 32)
    + message("IMAGE", "i", _GREY, 1, 2 << 32),
    message("POLYDATA", "p", polydata_content([np.zeros((3, 3), np.float32)]), 1, 1 << 32),
    HEADER.pack(2, b"IMAGE", b"m", 1, 0, len(_WITH_METADATA), crc64()(_WITH_METADATA))
    + _WITH_METADATA,
)


class _Stream:
    def __init__(self, data: bytes) -> None:
        self._rest = data

    def read(self, room: memoryview, until_s: float) -> int:
        part, self._rest = self._rest[: len(room)], self._rest[len(room) :]
        room[: len(part)] = part
        return len(part)


def attack(data: bytes) -> None:
    heard = Heard()
    with contextlib.suppress(StreamRefused):
        heard.take(data)  # as a server of ours hears its clients
    inbox = Inbox(_Stream(data).read)
    until_s = time.monotonic() + 60
    while True:
        try:
            received = inbox.next(until_s)
        except StreamRefused as error:
            if error.why in ("CLOSED", "CLOSED_IN_MESSAGE"):
                return
            raise
        assert all(isinstance(value, str) for value in received.metadata.values())
        if received.header.type == "IMAGE":
            image = image_from(received)
            assert image.pixels.dtype == np.uint8
            assert image.pixels.size > 0
            assert image.spacing_mm is None or all(0.01 <= mm <= 2 for mm in image.spacing_mm)


def repair(data: bytes) -> bytes:
    """The first message's size and checksum made right."""
    if len(data) < HEADER.size:
        return data
    body = data[HEADER.size :]
    return data[:42] + struct.pack(">QQ", len(body), crc64()(body)) + body


POINT = EntryPoint(
    attack=attack,
    seeds=SEEDS,
    engines=("bytes", "coverage"),
    repair=repair,
    tolerated=(StreamRefused,),
)
