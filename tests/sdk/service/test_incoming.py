from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_messages import hello, pack
from sonoedge.frames import NO_META
from sonoedge.service.codes import Refusal
from sonoedge.service.incoming import (
    INVALID,
    FrameMessage,
    Hello,
    Refused,
    kind_of,
    read_ack,
    read_frame,
    read_hello,
)
from sonoedge.service.protocol import ACK, FRAME, HELLO, MAGIC, SLOT_BYTES

GIVEN: dict[str, Any] = {
    "slot": 2,
    "seq": 3,
    "frame_id": 77,
    "acknowledged": 5,
    "captured_ns": -(1 << 63),
    "width": 4,
    "height": 3,
    "format": 1,
    "flags": 0,
    "spacing_row_mm": 0.0,
    "spacing_column_mm": 0.0,
    "pixel_aspect": 0.0,
    "depth_mm": 0.0,
    "gain_db": math.nan,
    "roi": (0, 0, 0, 0),
    "probe": b"",
    "preset": b"",
}


def message(**fields: Any) -> bytes:
    values = GIVEN | fields
    probe, preset, roi = (values.pop(name) for name in ("probe", "preset", "roi"))
    return pack(FRAME, *values.values(), *roi, len(probe), len(preset), 0) + probe + preset


def read(data: bytes, seq: int = 3) -> FrameMessage:
    return read_frame(memoryview(data), seq, lambda slot, shape: np.zeros(shape, np.uint8))


def token(data: bytes, seq: int = 3) -> Refusal:
    with pytest.raises(Refused) as refused:
        read(data, seq)
    return refused.value.token


def test_zeros_say_that_nothing_is_known() -> None:
    taken = read(message())
    assert (taken.seq, taken.frame_id, taken.acknowledged) == (3, 77, 5)
    frame = taken.frame
    assert frame.pixels.shape == (3, 4)
    assert frame.captured_ns == -(1 << 63)
    assert (frame.spacing_mm, frame.pixel_aspect, frame.roi_px) == (None, None, None)
    assert frame.meta is NO_META


def test_whatever_is_known_reaches_the_frame() -> None:
    frame = read(
        message(
            format=2,
            flags=3,
            spacing_row_mm=0.1,
            spacing_column_mm=0.2,
            pixel_aspect=1.5,
            depth_mm=80.0,
            gain_db=0.0,
            roi=(1, 0, 3, 2),
            probe=b"L12",
            preset="Brust é".encode(),
        )
    ).frame
    assert frame.pixels.shape == (3, 4, 3)
    assert (frame.spacing_mm, frame.pixel_aspect, frame.roi_px) == ((0.1, 0.2), 1.5, (1, 0, 3, 2))
    meta = frame.meta
    assert (meta.probe, meta.preset, meta.depth_mm, meta.gain_db) == ("L12", "Brust é", 80.0, 0.0)
    assert meta.frozen
    assert meta.invalid == INVALID


def test_half_a_spacing_is_handed_on_for_the_guard_to_refuse() -> None:
    assert read(message(spacing_row_mm=0.1)).frame.spacing_mm == (0.1, 0.0)


def test_a_name_that_is_no_text_is_that_frames_outcome_and_not_the_connections_end() -> None:
    from sonoedge.analysis import Reason
    from sonoedge.frame_values import value_fault

    fault = value_fault(read(message(captured_ns=1, probe=b"\xff\xfe")).frame)
    assert fault is not None
    assert fault[0] is Reason.METADATA_INVALID


@pytest.mark.parametrize(
    ("fields", "want"),
    [
        ({"seq": 4}, Refusal.SEQUENCE_INVALID),
        ({"seq": 0}, Refusal.SEQUENCE_INVALID),
        ({"slot": 3}, Refusal.SLOT_INVALID),
        ({"slot": 1 << 31}, Refusal.SLOT_INVALID),
        ({"format": 0}, Refusal.MESSAGE_INVALID),
        ({"format": 3}, Refusal.MESSAGE_INVALID),
        ({"flags": 4}, Refusal.MESSAGE_INVALID),
        ({"width": 0}, Refusal.FRAME_TOO_LARGE),
        ({"height": 8193}, Refusal.FRAME_TOO_LARGE),
        ({"width": 8192, "height": 8192}, Refusal.FRAME_TOO_LARGE),
        ({"probe": b"x" * 256}, Refusal.MESSAGE_INVALID),
    ],
)
def test_what_lies_nowhere_is_refused(fields: dict[str, Any], want: Refusal) -> None:
    assert token(message(**fields)) is want


def test_the_largest_frame_fits_exactly() -> None:
    assert read(message(width=8192, height=SLOT_BYTES // 8192)).frame.pixels.size == SLOT_BYTES
    assert token(message(width=8192, height=SLOT_BYTES // 8192 + 1)) is Refusal.FRAME_TOO_LARGE


def test_a_cut_or_lengthened_message_is_refused() -> None:
    whole = message(probe=b"L12")
    for cut in range(len(whole)):
        assert token(whole[:cut]) is Refusal.MESSAGE_INVALID
    assert token(whole + b"\0") is Refusal.MESSAGE_INVALID


def test_hello_agrees_on_a_version() -> None:
    assert read_hello(memoryview(hello("Sonde é".encode()))) == Hello(stream="Sonde é", version=1)
    assert read_hello(memoryview(hello(b"", 0, 9))).version == 1


@pytest.mark.parametrize(
    ("data", "want"),
    [
        (b"", Refusal.MESSAGE_INVALID),
        (hello()[:-1], Refusal.MESSAGE_INVALID),
        (hello() + b"x", Refusal.MESSAGE_INVALID),
        (pack(HELLO, MAGIC + 1, 1, 1, 0, 0), Refusal.MESSAGE_INVALID),
        (hello(b"", 2, 3), Refusal.VERSION_UNKNOWN),
        (hello(b"", 0, 0), Refusal.VERSION_UNKNOWN),
        (hello(b"\xff"), Refusal.STREAM_INVALID),
        (hello(b"a\0b"), Refusal.STREAM_INVALID),
        (hello(b"x" * 256), Refusal.MESSAGE_INVALID),
        (pack(ACK, 0, 0), Refusal.MESSAGE_INVALID),
    ],
)
def test_what_is_no_hello_is_refused(data: bytes, want: Refusal) -> None:
    with pytest.raises(Refused) as refused:
        read_hello(memoryview(data))
    assert refused.value.token is want


def test_an_acknowledgement_is_read() -> None:
    assert read_ack(memoryview(pack(ACK, 0, 1 << 50))) == 1 << 50
    with pytest.raises(Refused):
        read_ack(memoryview(pack(ACK, 0, 1)[:-1]))


def test_the_kind_of_nothing_is_none() -> None:
    assert kind_of(memoryview(b"\1\0\0")) == 0
    assert kind_of(memoryview(struct.pack("<I", 102))) == 102


@given(st.binary(max_size=200))
def test_no_bytes_are_anything_but_a_message_or_refused(data: bytes) -> None:
    for read_one in (read_hello, read_ack, lambda view: read(bytes(view))):
        try:
            read_one(memoryview(data))
        except Refused:
            continue
