"""The kinds of file that are read: how each is recognised, and which reader takes it.

A reader is a function that takes a file's path and returns its `Contents`. It is named
here, not imported: readers run in a process of their own, which alone loads them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sonoedge.sources.picture import Contents

HEAD_BYTES: Final = 132  # up to the end of DICOM's mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of file.

    Attributes:
        title: what to call it.
        suffixes: endings of file names, in small letters.
        reader: "module:function" of its reader.
    """

    title: str
    suffixes: tuple[str, ...]
    reader: str


PICTURE: Final = Format(
    title="picture",
    suffixes=(".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"),
    reader="sonoedge.sources.formats.pictures:picture",
)
VIDEO: Final = Format(
    title="video",
    suffixes=(
        *(".mp4", ".m4v", ".mov", ".mpeg", ".mpg", ".avi", ".webm", ".mkv"),
        *(".wmv", ".asf", ".gif"),
    ),
    reader="sonoedge.sources.formats.video:video",
)
DICOM: Final = Format(
    title="DICOM", suffixes=(".dcm",), reader="sonoedge.sources.formats.dicom:dicom"
)
METAIMAGE: Final = Format(
    title="MetaImage",
    suffixes=(".mha", ".mhd"),
    reader="sonoedge.sources.formats.metaimage:metaimage",
)
FORMATS: Final = (PICTURE, VIDEO, DICOM, METAIMAGE)

# What people try that is not read, and what to do instead.
NOT_READ: Final[Mapping[str, str]] = {
    ".nrrd": "NRRD is not read; save it as MetaImage (.mha)",
    ".nhdr": "NRRD is not read; save it as MetaImage (.mha)",
    ".nii": "NIfTI is not read; save it as MetaImage (.mha)",
    ".gz": "compressed files are not read; unpack it",
    ".zip": "archives are not read; unpack it",
    ".raw": "raw pixels carry no size; open the .mhd header that names this file",
}


def format_of(path: Path, head: bytes) -> Format | None:
    """The format of a file by its mark and its ending; None where none is recognised.

    Args:
        path: the file.
        head: its first `HEAD_BYTES` bytes, or all of them where it has fewer.
    """
    if head[128:132] == b"DICM":
        return DICOM
    suffix = path.suffix.lower()
    return next((format for format in FORMATS if suffix in format.suffixes), None)


def load(reader: str) -> Callable[[Path], Contents]:
    """Import a reader by its "module:function".

    Raises:
        MissingDependency: the extra that it needs is not installed.
    """
    module, _, name = reader.partition(":")
    function: Callable[[Path], Contents] = getattr(importlib.import_module(module), name)
    return function
