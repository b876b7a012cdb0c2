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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sonoedge.service.codes import REASONS, RegionFlag, ResultFlag
from sonoedge.service.protocol import (
    ACK,
    FRAME,
    FROM_SERVICE,
    HELLO,
    MAGIC,
    MAX_MESSAGE,
    PAGE,
    PAGE_BYTES,
    REGION,
    RESULT,
    SLOT_BYTES,
    SLOTS,
    STATE,
    VERSION,
    Layout,
)

BY_KIND = {layout.kind: layout for layout in FROM_SERVICE if layout.kind}
BY_NUMBER = {number: reason for reason, number in REASONS.items()}
TEXTS = ("reasons", "bundle", "runtime", "precision", "variant")


@dataclass
class Message:
    """One message of the service; `values` by field, `rest` what stands behind them."""

    layout: Layout
    values: dict[str, Any]
    rest: bytes

    @property
    def name(self) -> str:
        return self.layout.name


@dataclass
class Region:
    box: tuple[int, ...]
    track_id: int
    area_px: float
    sizes_mm: tuple[float, float, float]
    suspicion: float
    flags: RegionFlag
    class_probs: tuple[float, ...]
    contour: npt.NDArray[np.int16] = field(repr=False)


@dataclass
class Result:
    frame_id: int
    seq: int
    number: int
    flags: ResultFlag
    captured_ns: int
    valid_until_ns: int
    age_ms: float
    suspicion: float
    class_probs: tuple[float, ...]
    regions: list[Region]
    reasons: tuple[str, ...]
    detail: str


def pack(layout: Layout, *values: Any) -> bytes:
    return layout.struct.pack(layout.kind, *values)


def hello(stream: bytes = b"", lowest: int = VERSION, highest: int = VERSION) -> bytes:
    return pack(HELLO, MAGIC, lowest, highest, len(stream), 0) + stream


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
        message = self.read(data)
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

    def read(self, data: bytes) -> Message:
        layout = BY_KIND[int.from_bytes(data[:4], "little")]
        numbers = list(layout.struct.unpack_from(data))
        values: dict[str, Any] = {}
        for each in layout.fields:
            count = int(each.code[:-1] or 1)
            values[each.name] = numbers[:count] if count > 1 else numbers[0]
            del numbers[:count]
        return Message(layout, values, data[layout.size :])

    def receive(self, timeout_s: float = 20.0) -> Message | None:
        """The next message; None at the end of the connection, and after the time."""
        if not select.select([self.socket], [], [], timeout_s)[0]:
            return None
        try:
            data = self.socket.recv(MAX_MESSAGE + 1)
        except ConnectionResetError:  # told first, once; what was sent before it is there still
            data = self.socket.recv(MAX_MESSAGE + 1)
        return self.read(data) if data else None

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


def state_texts(message: Message) -> dict[str, str]:
    texts, rest = {}, message.rest
    for name in TEXTS:
        length = message.values[f"{name}_bytes"]
        texts[name], rest = rest[:length].decode(), rest[length:]
    assert rest == b""
    return texts


def read_result(message: Message) -> Result:
    values, rest = message.values, message.rest

    def take(code: str) -> tuple[Any, ...]:
        nonlocal rest
        taken = struct.unpack_from("<" + code, rest)
        rest = rest[struct.calcsize("<" + code) :]
        return taken

    probs = take(f"{values['labels']}d")
    fixed = []
    for _ in range(values["regions"]):
        numbers = take(REGION.struct.format[1:])
        fixed.append((numbers, take(f"{values['region_labels']}d")))
    regions = []
    for numbers, of_region in fixed:
        points = numbers[10]
        contour = np.array(take(f"{2 * points}h"), dtype=np.int16).reshape(-1, 2)
        regions.append(
            Region(
                box=numbers[:4],
                track_id=numbers[4],
                area_px=numbers[5],
                sizes_mm=numbers[6:9],
                suspicion=numbers[9],
                flags=RegionFlag(numbers[11]),
                class_probs=of_region,
                contour=contour,
            )
        )
    reasons = tuple(BY_NUMBER[n].value for n in take(f"{values['reasons']}H"))
    detail = rest[: values["detail_bytes"]]
    assert rest == detail
    return Result(
        frame_id=values["frame_id"],
        seq=values["seq"],
        number=values["number"],
        flags=ResultFlag(values["flags"]),
        captured_ns=values["captured_ns"],
        valid_until_ns=values["valid_until_ns"],
        age_ms=values["age_ms"],
        suspicion=values["suspicion"],
        class_probs=probs,
        regions=regions,
        reasons=reasons,
        detail=detail.decode(),
    )
