"""PGM and PPM: pictures that say their size themselves, each before its pixels.

Format: netpbm's binary forms P5 and P6, https://netpbm.sourceforge.net/doc/pgm.html, without
comments and with values up to 255, as ffmpeg writes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge.errors import StreamRefused
from sonoedge.sources.live_bounds import sides_are_credible

LEAST_HEADER: Final = 11  # "P5 1 1 255" and a space: no pixel is within it
MOST_HEADER: Final = 32
_HEADER: Final = re.compile(rb"P([56])\s+(\d{1,5})\s+(\d{1,5})\s+(\d{1,5})\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands before a picture's pixels.

    Attributes:
        width, height: pixels.
        channels: 1 is grey, 3 is RGB.
    """

    width: int
    height: int
    channels: int

    @property
    def picture_bytes(self) -> int:
        """Of one picture."""
        return self.width * self.height * self.channels

    def pixels(self, data: bytearray) -> npt.NDArray[np.uint8]:
        """uint8, (H, W) grey or (H, W, 3) BGR, of one picture's bytes; a copy."""
        flat = np.frombuffer(data, np.uint8)
        if self.channels == 1:
            return np.array(flat.reshape(self.height, self.width))
        return np.array(flat.reshape(self.height, self.width, 3)[..., ::-1], order="C")


def header_from(data: bytes | bytearray) -> Header | None:
    """A picture's header; None where more bytes are needed.

    Args:
        data: `LEAST_HEADER` bytes of the output or more, up to `MOST_HEADER`.

    Raises:
        StreamRefused: BAD_IMAGE, UNSUPPORTED_IMAGE.
    """
    match = _HEADER.fullmatch(data)
    if match is None:
        if data[:1] != b"P" or data[1:2] not in (b"5", b"6") or len(data) >= MOST_HEADER:
            raise StreamRefused(
                "BAD_IMAGE",
                "what the command writes is no PGM or PPM; let it write nothing else to its "
                "standard output, as ffmpeg does with -f image2pipe -c:v pgm -",
            )
        return None
    kind, width, height, most = map(int, match.groups())
    if most != 255:
        raise StreamRefused("UNSUPPORTED_IMAGE", f"its values go up to {most}; 255 is read")
    if not sides_are_credible(width, height):
        raise StreamRefused("BAD_IMAGE", f"its size is {width} x {height}")
    return Header(width=width, height=height, channels=1 if kind == 5 else 3)
