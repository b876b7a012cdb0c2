from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest

from sonoedge.bundle import png
from sonoedge.bundle.png import decode_png
from sonoedge.errors import UnsafeContent

GREY = np.arange(64 * 96, dtype=np.uint8).reshape(64, 96)


def encoded(pixels: np.ndarray, kind: str = ".png") -> bytes:
    return bytes(cv2.imencode(kind, pixels)[1])


def chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def header(width: int, height: int, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG of this size whose pixels are a few zeros."""
    ihdr = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + ihdr + body


def test_grey_and_colour_come_back_as_they_were() -> None:
    colour = np.dstack([GREY, GREY.T.reshape(64, 96), 255 - GREY])
    for pixels in (GREY, colour):
        assert np.array_equal(decode_png(encoded(pixels), "a.png"), pixels)


REFUSED = {
    "nothing": (b"", "it is no PNG"),
    "text": (b"hello", "it is no PNG"),
    "TIFF": (encoded(GREY, ".tiff"), "it is no PNG"),
    "signature alone": (b"\x89PNG\r\n\x1a\n", "more, or less, than one picture"),
    "cut": (encoded(GREY)[:60], "cut off or damaged"),
    "cut between chunks": (encoded(GREY)[:-12], "more, or less, than one picture"),
    "wrong checksum": (encoded(GREY)[:-5] + b"abcde", "cut off or damaged"),
    "bytes behind": (encoded(GREY) + b"x", "more, or less, than one picture"),
    "text chunk": (
        encoded(GREY)[:-12] + chunk(b"zTXt", b"x") + chunk(b"IEND", b""), "more, or less"
    ),
    "16 bits": (encoded(GREY.astype(np.uint16)), "not 8-bit grey or colour"),
    "transparency": (encoded(np.dstack([GREY] * 4)), "without transparency"),
    "palette": (header(8, 8, colour=3), "not 8-bit grey or colour"),
    "2^31 x 2^31": (header(2**31 - 1, 2**31 - 1), "at most 67108864 are read"),
    "20,000 x 20,000": (header(20_000, 20_000), "it has 400000000 values"),
    "no pixel": (header(0, 8), "it has 0 values"),
    "short header": (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"abc") + chunk(b"IDAT", b"") + chunk(b"IEND", b""),
        "damaged",
    ),
    "pixels that are no picture": (header(500, 500), "cannot be decoded"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_export_writes_is_refused(name: str) -> None:
    data, message = REFUSED[name]
    with pytest.raises(UnsafeContent, match=f"golden/a.png is not a golden frame: .*{message}"):
        decode_png(data, "golden/a.png")


def test_a_picture_over_the_limit_is_never_handed_to_the_decoder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(png.cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(UnsafeContent, match="it has 6144 values, at most 6143"):
        decode_png(encoded(GREY), "a.png", most_pixels=6143)
