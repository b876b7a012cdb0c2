"""A picture's size and kind before it is decoded: a few kilobytes can unpack to gigabytes."""

from __future__ import annotations

import math
import struct
import zlib
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.errors import UnsafeContent

MOST_PIXELS: Final = 1 << 26  # of all golden frames together, each channel counted
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {0: 1, 2: 3}  # by colour type: grey, colour


def decode_png(
    data: bytes,
    name: str,
    *,
    most_pixels: int = MOST_PIXELS,
    kind: str = "a golden frame",
    remedy: str = "export the bundle again",
) -> npt.NDArray[np.uint8]:
    """Decode an 8-bit PNG (ISO/IEC 15948), grey or in colour.

    Only what sonoedge writes is accepted: the chunks IHDR, IDAT and IEND, with right checksums.

    Args:
        name: the picture's file, for messages.
        most_pixels: largest picture, pixels times channels.
        kind, remedy: what it should be, and what to do where it is not; for the message.

    Returns:
        uint8, shape (H, W), or (H, W, 3) in the order blue, green, red.

    Raises:
        UnsafeContent: it is no such picture.
    """
    try:
        shape = _shape(data)
        if not 0 < math.prod(shape) <= most_pixels:
            raise _Refused(f"it has {math.prod(shape)} values, at most {most_pixels} are read")
        picture = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
        if picture is None or picture.dtype != np.uint8 or picture.shape != shape:
            raise _Refused("its pixels cannot be decoded")
    except _Refused as why:
        raise UnsafeContent(f"{name} is not {kind}: {why}; {remedy}") from None
    return np.asarray(picture, dtype=np.uint8)


class _Refused(Exception):
    """Why a picture is none that sonoedge writes."""


def _shape(data: bytes) -> tuple[int, ...]:
    """(H, W) or (H, W, 3), from the header, after a walk over every chunk."""
    if not data.startswith(_SIGNATURE):
        raise _Refused("it is no PNG")
    kinds = []
    header = b""
    at = len(_SIGNATURE)
    while at + 12 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if (
            end > len(data)
            or zlib.crc32(data[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]
        ):
            raise _Refused("it is cut off or damaged")
        header = header or data[at + 8 : end - 4]
        kinds.append(kind)
        at = end
    middle = set(kinds[1:-1])
    if at != len(data) or kinds[:1] + kinds[-1:] != [b"IHDR", b"IEND"] or middle != {b"IDAT"}:
        raise _Refused("it holds more, or less, than one picture")
    if len(header) != 13:
        raise _Refused("it is damaged")
    width, height, depth, colour = struct.unpack_from(">IIBB", header)
    if depth != 8 or colour not in _CHANNELS:
        raise _Refused("it is not 8-bit grey or colour without transparency")
    return (height, width) if colour == 0 else (height, width, _CHANNELS[colour])
