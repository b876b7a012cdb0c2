"""sources/formats/pictures.py"""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge import sources
from sonoedge.errors import SourceError

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


def test_a_folder_is_read_in_the_order_that_people_count(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        save(tmp_path / f"f{number}.png", np.full((4, 4), number, dtype=np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "._f1.png").write_bytes(b"left behind by another system")
    (tmp_path / "deeper.png").mkdir()
    source = open_source(tmp_path)
    assert source.count == 3
    assert [int(f.pixels[0, 0]) for f in source] == [1, 2, 10]


def test_names_of_all_kinds_have_an_order(tmp_path: Path) -> None:
    for name in ("7.png", "a.png", "a7.png", "a07.png", "7b.png"):
        save(tmp_path / name, GREY)
    assert open_source(tmp_path).count == 5


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no pictures"):
        open_source(tmp_path)


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
