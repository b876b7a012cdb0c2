"""What a client says, read within bounds: hello, frames, acknowledgements."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from sonoedge.frames import NO_META, Frame, FrameMeta
from sonoedge.service.codes import Format, FrameFlag, Refusal
from sonoedge.service.protocol import (
    ACK,
    FRAME,
    HELLO,
    MAGIC,
    MAX_SIDE,
    MAX_TEXT,
    SLOT_BYTES,
    SLOTS,
    VERSION,
    Layout,
)

Pixels = npt.NDArray[np.uint8]
INVALID: Final = "the source marks it as no valid picture"
_FLAGS: Final = int(FrameFlag.FROZEN | FrameFlag.INVALID)
_CHANNELS: Final = {Format.GREY8: 1, Format.BGR24: 3}


class Refused(Exception):
    """A connection that the service ends; never shown to a caller of the SDK.

    Attributes:
        token: why.
    """

    def __init__(self, token: Refusal, message: str) -> None:
        super().__init__(message)
        self.token = token


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """A client's first message.

    Attributes:
        stream: the name that it wants for its stream, without a NUL; "" lets the service choose.
        version: that both speak.
    """

    stream: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameMessage:
    """A frame in the ring.

    Attributes:
        seq, frame_id, acknowledged: see `protocol.FRAME`.
        frame: its pixels are the ring's.
    """

    seq: int
    frame_id: int
    acknowledged: int
    frame: Frame


def kind_of(message: memoryview) -> int:
    """The number that a message begins with; 0 for one that is too short."""
    return int.from_bytes(message[:4], "little") if len(message) >= 4 else 0


def read_hello(message: memoryview) -> Hello:
    """A client's first message.

    Raises:
        Refused: it is none, or asks for what there is not.
    """
    _, magic, lowest, highest, length, _ = _fixed(HELLO, message)
    if magic != MAGIC:
        raise Refused(Refusal.MESSAGE_INVALID, "the first message is no hello of this protocol")
    if not lowest <= VERSION <= highest:
        raise Refused(
            Refusal.VERSION_UNKNOWN,
            f"this service speaks version {VERSION}, the client {lowest} to {highest}",
        )
    (raw,) = _texts(HELLO, message, length)
    try:
        stream = raw.decode()
    except UnicodeDecodeError:
        raise Refused(Refusal.STREAM_INVALID, "the stream's name is no UTF-8") from None
    if "\0" in stream:
        raise Refused(Refusal.STREAM_INVALID, "the stream's name holds a NUL")
    return Hello(stream=stream, version=VERSION)


def read_frame(
    message: memoryview, seq: int, pixels: Callable[[int, tuple[int, ...]], Pixels]
) -> FrameMessage:
    """A frame. What it says of itself is judged by the session, frame by frame.

    Args:
        seq: that it must have.
        pixels: gives the array of a slot and a shape.

    Raises:
        Refused: it is none, or does not lie where it must.
    """
    values = _fixed(FRAME, message)
    _, slot, given, frame_id, acknowledged, captured_ns, width, height, code, flags = values[:10]
    row_mm, column_mm, aspect, depth, gain, *rest = values[10:]
    roi, probe_bytes, preset_bytes = tuple(rest[:4]), rest[4], rest[5]
    probe, preset = _texts(FRAME, message, probe_bytes, preset_bytes)
    if given != seq:
        raise Refused(Refusal.SEQUENCE_INVALID, f"frame {given} came where {seq} was due")
    if slot != (seq - 1) % SLOTS:
        raise Refused(Refusal.SLOT_INVALID, f"frame {seq} cannot lie in slot {slot}")
    channels = _CHANNELS.get(code)
    if channels is None or flags & ~_FLAGS:
        raise Refused(Refusal.MESSAGE_INVALID, "a frame has a format or flag that there is not")
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise Refused(Refusal.FRAME_TOO_LARGE, f"a frame's sides must be 1 to {MAX_SIDE}")
    if width * height * channels > SLOT_BYTES:
        raise Refused(Refusal.FRAME_TOO_LARGE, f"a frame must fit into {SLOT_BYTES} bytes")
    shape = (height, width) if channels == 1 else (height, width, channels)
    frame = Frame(
        pixels=pixels(slot, shape),
        captured_ns=captured_ns,
        spacing_mm=None if row_mm == 0 and column_mm == 0 else (row_mm, column_mm),
        pixel_aspect=None if aspect == 0 else aspect,
        roi_px=None if roi == (0, 0, 0, 0) else roi,
        meta=_meta(probe, preset, depth, gain, flags),
    )
    return FrameMessage(seq=seq, frame_id=frame_id, acknowledged=acknowledged, frame=frame)


def read_ack(message: memoryview) -> int:
    """The number that is acknowledged.

    Raises:
        Refused: it is no such message.
    """
    number: int = _fixed(ACK, message)[2]
    _texts(ACK, message)
    return number


def _meta(probe: bytes, preset: bytes, depth: float, gain: float, flags: int) -> FrameMeta:
    if not (probe or preset or flags) and depth == 0 and math.isnan(gain):
        return NO_META
    return FrameMeta(
        probe=_name(probe),
        preset=_name(preset),
        depth_mm=None if depth == 0 else depth,
        gain_db=None if math.isnan(gain) else gain,
        frozen=bool(flags & FrameFlag.FROZEN),
        invalid=INVALID if flags & FrameFlag.INVALID else None,
    )


def _name(raw: bytes) -> str | None:
    """A name; bytes that are no text stay bytes, which the session refuses for that frame."""
    try:
        return raw.decode() or None
    except UnicodeDecodeError:
        return cast("str", raw)


def _fixed(layout: Layout, message: memoryview) -> tuple[Any, ...]:
    if len(message) < layout.size or kind_of(message) != layout.kind:
        raise Refused(Refusal.MESSAGE_INVALID, f"a {layout.name} was due, and is none or cut")
    return layout.struct.unpack_from(message)


def _texts(layout: Layout, message: memoryview, *lengths: int) -> list[bytes]:
    """The texts behind the fixed part: no byte more, and none too long."""
    if len(message) != layout.size + sum(lengths) or max(lengths, default=0) > MAX_TEXT:
        raise Refused(Refusal.MESSAGE_INVALID, f"a {layout.name} has another length than it says")
    texts, begin = [], layout.size
    for length in lengths:
        texts.append(bytes(message[begin : begin + length]))
        begin += length
    return texts
