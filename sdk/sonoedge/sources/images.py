"""Frames from a picture file, or from a folder of them."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.errors import SourceError
from sonoedge.frames import FrameMeta
from sonoedge.sources.picture import Contents, Picture

SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"})

# Native depth, so that 16 bits are refused and not cut to 8; alpha is left out.
_FLAGS: Final = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH


def image(path: Path) -> Contents:
    """One picture file.

    Raises (when read):
        SourceError: the file is damaged, or not one 8-bit picture.
    """
    return _files(path.name, [path])


def folder(path: Path) -> Contents:
    """The pictures of a folder, without its sub-folders, in the order that people count.

    Raises:
        SourceError: there is none; when read, one is damaged, or not one 8-bit picture.
    """
    files = sorted(
        (
            file
            for file in path.iterdir()
            if file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file()
        ),
        key=_counting,
    )
    if not files:
        kinds = ", ".join(sorted(suffix[1:] for suffix in SUFFIXES))
        raise SourceError(f"the folder {path.name} holds no pictures ({kinds})")
    return _files(path.name, files)


def _files(name: str, files: list[Path]) -> Contents:
    def pictures() -> Generator[Picture, None, None]:
        for file in files:
            yield Picture(pixels=_read(file), meta=FrameMeta(file=file.name))

    return Contents(name=name, pictures=pictures, count=len(files))


def _read(file: Path) -> npt.NDArray[np.uint8]:
    try:
        data = np.fromfile(file, dtype=np.uint8)
    except OSError as error:
        raise SourceError(f"{file.name} cannot be read: {error.strerror}") from None
    try:
        # Not imread: it goes by the name's ending and prints the whole path.
        several, pages = cv2.imdecodemulti(data, _FLAGS) if len(data) else (False, ())
    except cv2.error:
        several, pages = False, ()
    if not several or not len(pages):
        raise SourceError(f"{file.name} is damaged or no picture; save it again or take it out")
    if len(pages) > 1:
        raise SourceError(
            f"{file.name} holds {len(pages)} pages; save each as a picture of its own"
        )
    pixels = np.asarray(pages[0])
    if pixels.dtype != np.uint8:
        raise SourceError(
            f"{file.name} has {8 * pixels.dtype.itemsize} bits per value; save it with 8"
        )
    return pixels.view(np.uint8)


def _counting(file: Path) -> tuple[tuple[int, int, str], ...]:
    """frame_2 comes before frame_10; equal numbers are ordered by their spelling."""
    parts = re.split(r"(\d+)", file.name)
    key = tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)
    return (*key, (2, 0, file.name))
