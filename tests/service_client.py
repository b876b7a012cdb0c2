"""A client of `sonoedge serve` in Python, for tests: it says whatever it is told to say."""

from __future__ import annotations

import array
import math
import mmap
import os
import select
import socket
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service_messages import Message, Result, hello, pack, read_message, read_result, state_texts
from sonoedge.service.protocol import (
    ACK,
    FRAME,
    MAX_MESSAGE,
    PAGE,
    PAGE_BYTES,
    RESULT,
    SLOT_BYTES,
    SLOTS,
    STATE,
)


class Peer:
    """A connection to the service.

    Args:
        stream: the name to say hello with; None says nothing yet.
    """

    def __init__(self, path: Path | str, stream: str | None = "") -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.socket.connect(str(path))  # waits while the service's queue is full
        except OSError:
            self.socket.close()
            raise
        self.socket.settimeout(20)
        self.ring: mmap.mmap | None = None
        self.page: mmap.mmap | None = None
        self.welcome: Message | None = None
        self.states: list[tuple[int, dict[str, str]]] = []
        self.seq = self.acknowledged = 0
        if stream is not None:
            self.send(hello(stream.encode()))
            self.greeted()

    def greeted(self) -> Message:
        """Wait for the welcome, and map what comes with it."""
        data, ancillary, _, _ = self.socket.recvmsg(MAX_MESSAGE, socket.CMSG_SPACE(8))
        message = read_message(data)
        if message.name != "welcome":
            raise AssertionError(message)
        ((_, _, raw),) = ancillary
        fds = array.array("i", raw)
        self.ring = mmap.mmap(fds[0], SLOTS * SLOT_BYTES)
        self.page = mmap.mmap(fds[1], PAGE_BYTES, prot=mmap.PROT_READ)
        for fd in fds:
            os.close(fd)
        self.welcome = message
        return message

    @property
    def labels(self) -> list[str]:
        assert self.welcome is not None
        labels, rest = [], self.welcome.rest
        for _ in range(self.welcome.values["labels"]):
            (length,) = struct.unpack_from("<H", rest)
            labels.append(rest[2 : 2 + length].decode())
            rest = rest[2 + length :]
        assert rest == b""
        return labels

    def word(self, name: str) -> int:
        """One of the page's words."""
        assert self.page is not None
        value: int = struct.unpack_from("<q", self.page, PAGE[name][0])[0]
        return value

    def send(self, data: bytes, fds: list[int] | None = None) -> None:
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self.socket.sendmsg([data], ancillary)

    def frame_message(self, pixels: npt.NDArray[np.uint8], **fields: Any) -> bytes:
        """A frame's message; its pixels are in the ring then."""
        assert self.ring is not None
        seq = fields.pop("seq", self.seq + 1)
        slot = fields.pop("slot", (seq - 1) % SLOTS)
        begin = (slot % SLOTS) * SLOT_BYTES
        self.ring[begin : begin + pixels.size] = pixels.tobytes()
        probe, preset = fields.pop("probe", b""), fields.pop("preset", b"")
        values: dict[str, Any] = {
            "slot": slot,
            "seq": seq,
            "frame_id": seq + 1000,
            "acknowledged": self.acknowledged,
            "captured_ns": time.monotonic_ns(),
            "width": pixels.shape[1],
            "height": pixels.shape[0],
            "format": 1 if pixels.ndim == 2 else 2,
            "flags": 0,
            "spacing_row_mm": 0.0,
            "spacing_column_mm": 0.0,
            "pixel_aspect": 0.0,
            "depth_mm": 0.0,
            "gain_db": math.nan,
        } | {name: value for name, value in fields.items() if name != "roi"}
        roi = fields.get("roi", (0, 0, 0, 0))
        return pack(FRAME, *values.values(), *roi, len(probe), len(preset), 0) + probe + preset

    def submit(self, pixels: npt.NDArray[np.uint8], **fields: Any) -> int:
        """Send a frame; returns its id."""
        self.send(self.frame_message(pixels, **fields))
        self.seq += 1
        return int(fields.get("frame_id", self.seq + 1000))

    def acknowledge(self, number: int | None = None) -> None:
        self.send(pack(ACK, 0, self.acknowledged if number is None else number))

    def receive(self, timeout_s: float = 20.0) -> Message | None:
        """The next message; None at the end of the connection, and after the time."""
        if not select.select([self.socket], [], [], timeout_s)[0]:
            return None
        try:
            data = self.socket.recv(MAX_MESSAGE + 1)
        except ConnectionResetError:  # told first, once; what was sent before it is there still
            data = self.socket.recv(MAX_MESSAGE + 1)
        return read_message(data) if data else None

    def result(self, timeout_s: float = 20.0, *, acknowledge: bool = True) -> Result | None:
        """The next result; states on the way are kept."""
        while (message := self.receive(timeout_s)) is not None:
            if message.layout in (STATE, RESULT):
                self.acknowledged = message.values["number"]
            if message.layout is STATE:
                self.states.append((message.values["state"], state_texts(message)))
                if acknowledge:
                    self.acknowledge()
            elif message.layout is RESULT:
                if acknowledge:
                    self.acknowledge()
                return read_result(message)
            else:
                raise AssertionError(message)
        return None

    def refusal(self) -> int:
        """The token by which the service ends the connection; it has ended then."""
        while (message := self.receive()) is not None:
            if message.name == "refused":
                assert self.receive() is None
                return int(message.values["token"])
        raise AssertionError("the connection ended without a word")

    def close(self) -> None:
        self.socket.close()
        for each in (self.ring, self.page):
            if each is not None:
                each.close()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
