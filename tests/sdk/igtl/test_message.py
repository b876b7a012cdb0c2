"""Headers and metadata: what is read, and what is refused by which token."""

from __future__ import annotations

import struct

import pytest

from sonoedge.errors import StreamRefused
from sonoedge.igtl.message import HEADER, Header, header_from, split


def raw(**values: object) -> bytes:
    fields = {"version": 1, "type": b"IMAGE", "device": b"d", "size": 0} | values
    return HEADER.pack(
        fields["version"], fields["type"], fields["device"], 5, 1 << 31, fields["size"], 9
    )


def header(version: int = 2) -> Header:
    return Header(version=version, type="IMAGE", device="d", stamp=0, body_bytes=0, crc=0)


def test_a_header_is_read_with_its_stamp() -> None:
    read = header_from(raw(device=b"Image_Reference"))
    assert (read.type, read.device, read.stamp) == ("IMAGE", "Image_Reference", 11 << 31)


@pytest.mark.req("R59")
@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"version": 0}, "BAD_VERSION"),
        ({"version": 4}, "BAD_VERSION"),
        ({"size": 1 << 62}, "BODY_TOO_LARGE"),
        ({"size": (64 << 20) + 1}, "BODY_TOO_LARGE"),
        ({"type": b"\xff\xfe"}, "BAD_NAME"),
        ({"device": b"a\nb"}, "BAD_NAME"),
    ],
)
def test_a_header_out_of_bounds_is_refused(values: dict[str, object], why: str) -> None:
    with pytest.raises(StreamRefused) as caught:
        header_from(raw(**values))
    assert caught.value.why == why
    assert str(caught.value).startswith(why)


def body(index: bytes, data: bytes, size: int = 12) -> memoryview:
    return memoryview(struct.pack(">HHII", size, len(index), len(data), 1) + b"abc" + index + data)


def test_version_2_adds_metadata_behind_the_content() -> None:
    index = struct.pack(">HHHIHHI", 2, 1, 3, 2, 1, 106, 2)
    read = split(header(), body(index, b"kvvqw\xc3"[:5] + b"z"))
    assert bytes(read.content) == b"abc"
    assert read.metadata == {"k": "vv", "q": "wz"}


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (memoryview(b"short"), "BAD_EXTENDED_HEADER"),
        (body(b"", b"", size=11), "BAD_EXTENDED_HEADER"),
        (body(b"", b"", size=400), "BAD_EXTENDED_HEADER"),
        (body(struct.pack(">H", 65), b""), "BAD_METADATA"),
        (body(struct.pack(">HHHI", 1, 1, 3, 99), b"kv"), "BAD_METADATA"),
        (body(struct.pack(">HHHI", 1, 1, 7, 1), b"kv"), "BAD_METADATA"),
        (body(struct.pack(">HHHI", 1, 1, 106, 1), b"k\xff"), "BAD_METADATA"),
        (body(b"\0\0", b"x" * 65537), "BAD_METADATA"),
    ],
)
def test_what_version_2_adds_is_bounded(what: memoryview, why: str) -> None:
    with pytest.raises(StreamRefused) as caught:
        split(header(), what)
    assert caught.value.why == why
