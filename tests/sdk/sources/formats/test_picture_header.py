"""sources/formats/picture_header.py"""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoedge.sources.formats.picture_header import Claim, claim

GREY = np.tile(np.arange(40, dtype=np.uint8), (30, 1))
KINDS = ("png", "jpg", "bmp", "webp", "tif")


def encoded(kind: str, pixels: np.ndarray = GREY) -> bytes:
    return cv2.imencode(f".{kind}", pixels)[1].tobytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("colour", [False, True])
def test_the_size_is_that_of_the_picture(kind: str, colour: bool) -> None:
    pixels = np.dstack([GREY] * 3) if colour else GREY
    assert claim(encoded(kind, pixels)) == Claim(width=40, height=30)


def test_lossless_and_lossy_webp_are_both_known() -> None:
    for quality in (50, 101):  # above 100 is lossless
        data = cv2.imencode(".webp", np.dstack([GREY] * 3), [cv2.IMWRITE_WEBP_QUALITY, quality])[1]
        assert claim(data.tobytes()) == Claim(width=40, height=30)


def test_pages_of_a_tiff_are_counted() -> None:
    done, data = cv2.imencodemulti(".tif", [GREY, GREY, GREY])
    assert done
    assert claim(data.tobytes()) == Claim(width=40, height=30, pages=3)


def test_a_chunk_that_reaches_beyond_the_file_is_no_picture() -> None:
    data = bytearray(encoded("png"))
    at = data.index(b"IDAT") - 4
    data[at : at + 4] = struct.pack(">I", 1 << 30)
    assert claim(bytes(data)) is None


def test_a_tiff_whose_pages_go_round_in_circles_ends() -> None:
    data = bytearray(encoded("tif"))
    begin = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, begin)[0]
    struct.pack_into("<I", data, begin + 2 + 12 * count, begin)
    claimed = claim(bytes(data))
    assert claimed is not None
    assert claimed.pages > 1000


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"not a picture", b"\x00" * 200])
def test_other_content_is_no_picture(data: bytes) -> None:
    assert claim(data) is None


@given(kind=st.sampled_from(KINDS), data=st.data())
def test_a_damaged_header_never_raises(kind: str, data: st.DataObject) -> None:
    picture = bytearray(encoded(kind))
    for _ in range(4):
        picture[data.draw(st.integers(0, len(picture) - 1))] = data.draw(st.integers(0, 255))
    claim(bytes(picture[: data.draw(st.integers(0, len(picture)))]))
