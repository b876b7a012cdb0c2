"""Frames from a folder of pictures and DICOM files."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from sonoedge.errors import SourceError
from sonoedge.frames import FrameMeta
from sonoedge.sources.child.limits import Limits
from sonoedge.sources.child.reader import ChildReader
from sonoedge.sources.formats import DICOM, HEAD_BYTES, PICTURE, VIDEO, Format, format_of, load
from sonoedge.sources.picture import Contents, Picture

# Stands in for a picture that cannot be read. Black, so that a guard refuses it even where
# its mark was lost.
_PLACEHOLDER: Final = (480, 640)

Open = Callable[[str, Path], Contents]
Files = list[tuple[Path, Format]]


def folder(
    path: Path,
    *,
    isolation: str = "process",
    limits: Limits | None = None,
    continue_on_error: bool = False,
) -> Contents:
    """The pictures and DICOM files of a folder, in the order that people count.

    Sub-folders and files of other kinds are not read. One process decodes all files; it
    is started anew after a file that killed it.

    Args:
        isolation: "process", or "none" to decode in this process.
        limits: what the process may take.
        continue_on_error: a file that cannot be read becomes one black picture whose
            `meta.invalid` says why; without it, reading raises.

    Raises:
        OSError: the folder cannot be listed.
        SourceError: it holds none; when read, one cannot be read.
    """
    files: Files = [
        (file, format)
        for file in sorted(path.iterdir(), key=_counting)
        if (format := recognised(file)) in (PICTURE, DICOM) and format is not None
    ]
    if not files:
        raise SourceError(_none_found(path))
    child = ChildReader(limits) if isolation == "process" else None

    unreadable: list[str] = []
    open_file: Open = _open_here if child is None else child.open

    def pictures() -> Generator[Picture, None, None]:
        unreadable.clear()
        with nullcontext() if child is None else child:
            yield from pictures_of(files, open_file, unreadable if continue_on_error else None)

    return Contents(
        name=path.name,
        pictures=pictures,
        # A DICOM file's count is not known before it is opened.
        count=len(files) if all(format is PICTURE for _, format in files) else None,
        unreadable=unreadable,
        close=(lambda: None) if child is None else child.close,
    )


def pictures_of(
    files: Files, open_file: Open, unreadable: list[str] | None
) -> Generator[Picture, None, None]:
    """The pictures of one file after the other, each by itself: files share no clock.

    Args:
        open_file: opens a file with the reader of that name.
        unreadable: takes what is wrong with each file that cannot be read, in whose place a black
            picture comes; None raises it.
    """
    for file, format in files:
        try:
            with closing(open_file(format.reader, file).pictures()) as pictures:
                for picture in pictures:
                    # Files have no common time line, so that their own times mean nothing.
                    meta = replace(picture.meta, file=file.name)
                    yield replace(picture, time_s=None, meta=meta)
        except SourceError as error:  # a missing decoder is none: it would fail for every file
            if unreadable is None:
                raise
            unreadable.append(str(error))
            meta = FrameMeta(file=file.name, invalid=str(error))
            yield Picture(pixels=np.zeros(_PLACEHOLDER, dtype=np.uint8), meta=meta)


def recognised(file: Path) -> Format | None:
    """The format of an ordinary, visible file; only those without an ending are looked into."""
    if file.name.startswith(".") or file.name.upper() == "DICOMDIR" or not file.is_file():
        return None
    if file.suffix and not re.fullmatch(r"\.\d+", file.suffix):
        return format_of(file, b"")
    try:
        with file.open("rb") as opened:
            return format_of(file, opened.read(HEAD_BYTES))
    except OSError:
        return None


def _none_found(path: Path) -> str:
    kinds = ", ".join(suffix[1:] for suffix in sorted(PICTURE.suffixes))
    text = f"the folder {path.name} holds no pictures ({kinds}) and no DICOM files"
    if (path / "manifest.json").is_file():
        text += "; it looks like a bundle: BUNDLE comes first, then SOURCE"
    elif any(recognised(file) is VIDEO for file in path.iterdir()):
        text += "; give each of its videos by itself"
    elif any(file.is_dir() for file in path.iterdir()):
        text += "; its sub-folders are not read: give one of them"
    return text


def _open_here(reader: str, path: Path) -> Contents:
    return load(reader)(path)


def _counting(file: Path) -> tuple[tuple[int, int, str], ...]:
    """frame_2 comes before frame_10; equal numbers are ordered by their spelling."""
    parts = re.split(r"(\d+)", file.name)
    key = tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)
    return (*key, (2, 0, file.name))
