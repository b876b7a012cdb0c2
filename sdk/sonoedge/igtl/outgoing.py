"""Messages that we write, with headers of version 1 or 2."""

from __future__ import annotations

import struct
import time
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from sonoedge.igtl.checksum import crc64
from sonoedge.igtl.image import IMAGE, UINT8
from sonoedge.igtl.message import HEADER

Version = Literal[1, 2]
Points = npt.NDArray[np.float32]  # (N, 3), millimetres or pixels

OK: Final = 1
NOT_READY: Final = 13
_RAS: Final = 1
_MOST_TEXT: Final = 65_535


def message(kind: str, device: str, content: bytes, version: Version, stamp: int = 0) -> bytes:
    """A complete message; version 2 only to a peer that has sent it, see `sinks.igtl`.

    Args:
        stamp: units of 1/2^32 s since 1970; 0 for now.
    """
    if version == 2:
        content = struct.pack(">HHII", 12, 0, 0, 0) + content
    seconds, fraction = divmod(stamp or int(time.time() * 2**32), 2**32)
    header = HEADER.pack(
        version,
        kind.encode("ascii"),
        device.encode("ascii", "replace")[:19],
        *(seconds, fraction, len(content), crc64()(content)),
    )
    return header + content


def status_content(code: int, name: str, text: str) -> bytes:
    """STATUS: a code of the protocol, a short name, and a sentence."""
    short = name.encode("ascii", "replace")[:19]
    return struct.pack(">Hq20s", code, 0, short) + text.encode("ascii", "replace") + b"\0"


def string_content(text: str) -> bytes:
    """STRING in UTF-8's ASCII part: old readers know no other."""
    data = text.encode("ascii", "replace")[:_MOST_TEXT]
    return struct.pack(">HH", 3, len(data)) + data


def polydata_content(contours: Sequence[Points]) -> bytes:
    """POLYDATA: each contour as a closed line. None of them is a message of no points."""
    points = [np.asarray(contour, ">f4").reshape(-1, 3) for contour in contours]
    lines, first = [], 0
    for contour in points:
        ids = [*range(first, first + len(contour)), first]
        lines.append(struct.pack(f">I{len(ids)}I", len(ids), *ids))
        first += len(contour)
    cells = b"".join(lines)
    counts = struct.pack(">10I", first, 0, 0, len(lines), len(cells), 0, 0, 0, 0, 0)
    return counts + b"".join(contour.tobytes() for contour in points) + cells


def image_content(
    pixels: npt.NDArray[np.uint8], spacing_mm: tuple[float, float] | None = None
) -> bytes:
    """IMAGE of uint8, (H, W) grey or (H, W, 3) BGR. Its first pixel's centre is the origin."""
    height, width = pixels.shape[:2]
    rows, columns = spacing_mm or (1.0, 1.0)
    centre = ((width - 1) / 2 * columns, (height - 1) / 2 * rows, 0.0)
    components = 1 if pixels.ndim == 2 else 3
    head = IMAGE.pack(
        *(1, components, UINT8, 1, _RAS, width, height, 1),
        *(columns, 0.0, 0.0, 0.0, rows, 0.0, 0.0, 0.0, 1.0, *centre),
        *(0, 0, 0, width, height, 1),
    )
    ordered = pixels if components == 1 else pixels[..., ::-1]
    return head + np.ascontiguousarray(ordered).tobytes()
