"""A PNG's checksums, made right, so that a decoder sees what lies behind them."""

from __future__ import annotations

import struct
import zlib

MARK = b"\x89PNG\r\n\x1a\n"


def repair(data: bytes) -> bytes:
    """The same chunks with right checksums; anything but a PNG stays as it is."""
    if not data.startswith(MARK):
        return data
    fixed, at = bytearray(data), len(MARK)
    while at + 12 <= len(data):
        end = at + 12 + struct.unpack_from(">I", data, at)[0]
        if end > len(data):
            break
        struct.pack_into(">I", fixed, end - 4, zlib.crc32(data[at + 4 : end - 4]))
        at = end
    return bytes(fixed)
