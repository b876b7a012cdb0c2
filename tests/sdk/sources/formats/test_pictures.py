"""sources/formats/pictures.py"""

from __future__ import annotations

import functools
import os
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge import sources
from sonoedge.errors import SourceError
from sonoedge.sources import read_picture

# In this process: what a reader gives does not hang on where it runs.
open_source = functools.partial(sources.open_source, isolation="none")

GREY = np.tile(np.arange(40, dtype=np.uint8), (30, 1))
BLUE = np.dstack([np.full_like(GREY, 200), GREY, np.zeros_like(GREY)])


def save(path: Path, pixels: np.ndarray) -> None:
    assert cv2.imwrite(str(path), pixels)


@pytest.mark.parametrize("kind", ["png", "bmp", "tif", "tiff"])
def test_a_lossless_picture_is_read_bit_for_bit(tmp_path: Path, kind: str) -> None:
    save(tmp_path / f"a.{kind}", GREY)
    (frame,) = open_source(tmp_path / f"a.{kind}")
    assert frame.pixels.dtype == np.uint8
    assert np.array_equal(frame.pixels, GREY)
    assert (frame.spacing_mm, frame.roi_px) == (None, None)


@pytest.mark.parametrize("kind", ["png", "bmp", "tif", "jpg", "jpeg", "webp"])
def test_colour_comes_as_blue_green_red(tmp_path: Path, kind: str) -> None:
    save(tmp_path / f"a.{kind}", BLUE)
    (frame,) = open_source(tmp_path / f"a.{kind}")
    assert frame.pixels.shape == BLUE.shape
    assert np.abs(frame.pixels.astype(int) - BLUE).mean() < 4


def test_the_letters_of_an_ending_may_be_large(tmp_path: Path) -> None:
    save(tmp_path / "a.png", GREY)
    (tmp_path / "a.png").rename(tmp_path / "A.PNG")
    assert open_source(tmp_path / "A.PNG").count == 1


def test_transparency_is_left_out(tmp_path: Path) -> None:
    save(tmp_path / "a.png", np.dstack([BLUE, GREY]))
    (frame,) = open_source(tmp_path / "a.png")
    assert np.array_equal(frame.pixels, BLUE)


@pytest.mark.parametrize("keep", [0.0, 0.1, 0.5, 0.95])
@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "bmp", "tif"])
def test_a_broken_picture_is_named_without_its_folder(
    tmp_path: Path, kind: str, keep: float
) -> None:
    save(tmp_path / "a.png", GREY)
    save(tmp_path / f"b.{kind}", BLUE)
    whole = (tmp_path / f"b.{kind}").read_bytes()
    (tmp_path / f"b.{kind}").write_bytes(whole[: int(len(whole) * keep)])
    frames = iter(open_source(tmp_path))
    next(frames)
    with pytest.raises(SourceError, match=f"^b.{kind} is damaged") as caught:
        next(frames)
    assert str(tmp_path) not in str(caught.value)


def test_sixteen_bits_are_refused_and_not_cut(tmp_path: Path) -> None:
    save(tmp_path / "a.png", GREY.astype(np.uint16) * 256)
    with pytest.raises(SourceError, match="16 bits per value"):
        list(open_source(tmp_path / "a.png"))


def test_pages_after_the_first_are_not_dropped_silently(tmp_path: Path) -> None:
    assert cv2.imwritemulti(str(tmp_path / "a.tif"), [GREY, GREY])
    with pytest.raises(SourceError, match="2 pages"):
        list(open_source(tmp_path / "a.tif"))


def test_a_picture_that_went_away_is_named(tmp_path: Path) -> None:
    save(tmp_path / "a.png", GREY)
    source = open_source(tmp_path)
    (tmp_path / "a.png").unlink()
    with pytest.raises(SourceError, match=r"^a\.png cannot be read: No such file"):
        list(source)


@pytest.mark.req("R40")
def test_a_picture_that_claims_too_much_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytearray(cv2.imencode(".bmp", GREY)[1].tobytes())
    data[18:26] = struct.pack("<ii", 20_000, 20_000)
    (tmp_path / "a.bmp").write_bytes(data)
    monkeypatch.setattr(cv2, "imdecode", None)
    with pytest.raises(SourceError, match=r"a\.bmp claims 20000 x 20000 pixels; at most 67108864"):
        read_picture(tmp_path / "a.bmp")


def test_a_tiff_with_small_tiles_is_read(tmp_path: Path) -> None:
    # By hand: OpenCV writes none. Two tiles of 16 x 16 beside each other.
    left = np.tile(np.arange(16, dtype=np.uint8), (16, 1))
    entries = {256: 32, 257: 16, 258: 8, 259: 1, 262: 1, 277: 1, 322: 16, 323: 16}
    fields = [(tag, 4, 1, value) for tag, value in entries.items()]
    table = 8 + 2 + 12 * (len(fields) + 2) + 4
    fields += [(324, 4, 2, table), (325, 4, 2, table + 8)]
    data = struct.pack("<2sHIH", b"II", 42, 8, len(fields))
    data += b"".join(struct.pack("<HHII", *field) for field in fields) + bytes(4)
    data += struct.pack("<4I", table + 16, table + 272, 256, 256)
    (tmp_path / "a.tif").write_bytes(data + left.tobytes() + (left + 16).tobytes())
    pixels = read_picture(tmp_path / "a.tif")
    assert np.array_equal(pixels, np.tile(np.arange(32, dtype=np.uint8), (16, 1)))


@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "tif"])
def test_a_picture_is_turned_as_its_metadata_asks(tmp_path: Path, kind: str) -> None:
    image = pytest.importorskip("PIL.Image", reason="needs Pillow, which writes the metadata")
    exif = image.Exif()
    exif[0x112] = 6  # a quarter turn clockwise
    image.fromarray(GREY).save(tmp_path / f"a.{kind}", exif=exif)
    assert read_picture(tmp_path / f"a.{kind}").shape[:2] == (40, 30)


def test_a_pipe_is_no_picture_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(SourceError, match=r"a\.png is no ordinary file"):
        read_picture(tmp_path / "a.png")
