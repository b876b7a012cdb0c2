"""What a picture file's header claims, read before anything is decoded.

A header of a few bytes can claim a picture of gigabytes, or a chunk that is longer than
the file; decoders allocate for both.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_STARTS_OF_FRAME: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MOST_PAGES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the header claims.

    Attributes:
        width, height: pixels of the first page.
        pages: pictures in the file.
    """

    width: int
    height: int
    pages: int = 1


def claim(data: bytes) -> Claim | None:
    """The claim of a PNG, JPEG, BMP, WebP or TIFF file, by its mark and not by its name.

    Returns None where the file is none of these, or its structure reaches beyond its end.
    """
    for mark, read in _READERS:
        if data.startswith(mark):
            try:
                return read(data)
            except (struct.error, IndexError, KeyError):
                return None
    return None


def _png(data: bytes) -> Claim | None:
    width, height = struct.unpack_from(">II", data, 16)
    at, pages = 8, 1
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            return None
        if kind == b"acTL":
            pages = max(1, struct.unpack_from(">I", data, at + 8)[0])
        if kind == b"IEND":
            return Claim(width=width, height=height, pages=pages)
        at += 12 + length
    return None


def _jpeg(data: bytes) -> Claim | None:
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill
            at += 1
            continue
        if marker in _STARTS_OF_FRAME:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Claim(width=width, height=height)
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def _bmp(data: bytes) -> Claim:
    size = struct.unpack_from("<I", data, 14)[0]
    if size == 12:
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    return Claim(width=abs(width), height=abs(height))


def _webp(data: bytes) -> Claim | None:
    kind = data[12:16]
    if data[8:12] != b"WEBP":
        return None
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return Claim(width=width, height=height, pages=max(1, data.count(b"ANMF", 30)))
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return Claim(width=(bits & 0x3FFF) + 1, height=(bits >> 14 & 0x3FFF) + 1)
    width, height = struct.unpack_from("<HH", data, 26)
    return Claim(width=width & 0x3FFF, height=height & 0x3FFF)


def _tiff(data: bytes) -> Claim | None:
    order = "<" if data[:1] == b"I" else ">"
    big = struct.unpack_from(order + "H", data, 2)[0] == 43
    number, entry = (order + "Q", 20) if big else (order + "H", 12)
    offset = order + ("Q" if big else "I")
    at = struct.unpack_from(offset, data, 8 if big else 4)[0]
    sides: dict[int, int] = {}
    pages = 0
    while at and pages < _MOST_PAGES:
        count = struct.unpack_from(number, data, at)[0]
        begin = at + struct.calcsize(number)
        if not pages:
            for i in range(count):
                tag, kind = struct.unpack_from(order + "HH", data, begin + i * entry)
                if tag in (256, 257):
                    value = begin + i * entry + (12 if big else 8)
                    sides[tag] = struct.unpack_from(
                        order + ("H" if kind == 3 else "I"), data, value
                    )[0]
        pages += 1
        at = struct.unpack_from(offset, data, begin + count * entry)[0]
    return Claim(width=sides[256], height=sides[257], pages=pages)


_READERS: Final[tuple[tuple[bytes, Callable[[bytes], Claim | None]], ...]] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8\xff", _jpeg),
    (b"BM", _bmp),
    (b"RIFF", _webp),
    *((mark, _tiff) for mark in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
)
