"""The header of a MetaImage file: lines of "Key = Value" up to ElementDataFile.

Format: https://itk.org/Wiki/MetaIO/Documentation; the keys of sequences are those of Plus
(https://plustoolkit.github.io) and 3D Slicer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sonoedge.errors import SourceError
from sonoedge.sources.picture import MOST_PICTURES, MOST_PIXELS

# Plus writes some ten lines for each frame.
_LONGEST_HEADER: Final = 64 << 20
_LONGEST_LINE: Final = 4096
_MOST_SIDE: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the header says.

    Attributes:
        fields: every key and its value.
        width, height, count: pixels, and pictures.
        channels: 1 grey, 3 RGB.
        spacing: millimetres between columns and between rows, where the header says.
        data_file: the file of pixels: this one, or one beside it.
        data_begin: where in that file the pixels begin; -1 where they are its last bytes.
        compressed: they are one zlib stream.
    """

    fields: Mapping[str, str]
    width: int
    height: int
    count: int
    channels: int
    spacing: tuple[float, float] | None
    data_file: Path
    data_begin: int
    compressed: bool


def read_header(path: Path) -> Header:
    """Read a MetaImage file's header.

    Raises:
        SourceError: it is none, or says what is not read.
    """
    try:
        fields, end = _fields(path)
        return _header(path, fields, end)
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror}") from None
    except (KeyError, ValueError, OverflowError):
        raise _no_header(path) from None


def _header(path: Path, fields: Mapping[str, str], end: int) -> Header:
    sides = [int(side) for side in fields["DimSize"].split()]
    if int(fields["NDims"]) != len(sides) or not all(1 <= n <= _MOST_SIDE for n in sides):
        raise ValueError("sides")
    channels = int(fields.get("ElementNumberOfChannels", "1"))
    rest = [n for n in sides[2:] if n > 1]
    if len(sides) < 2 or len(rest) > 1 or channels not in (1, 3):
        raise SourceError(f"{path.name} is no sequence of grey or colour pictures")
    if fields["ElementType"] not in ("MET_UCHAR", "MET_UCHAR_ARRAY"):
        raise SourceError(f"{path.name} does not hold 8-bit pixels; save it with MET_UCHAR")
    if fields.get("BinaryData", "True").lower() != "true":
        raise SourceError(f"{path.name} holds pixels as text; save it with BinaryData = True")
    count = rest[0] if rest else 1
    if sides[0] * sides[1] > MOST_PIXELS or count > MOST_PICTURES:
        raise SourceError(
            f"{path.name} claims {count} pictures of {sides[0]} x {sides[1]} pixels; at most "
            f"{MOST_PICTURES} of {MOST_PIXELS} pixels are read"
        )
    spacing = [float(mm) for mm in fields.get("ElementSpacing", "").split()[:2]]
    named = fields["ElementDataFile"]
    local = named.upper() == "LOCAL"
    return Header(
        fields=fields,
        width=sides[0],
        height=sides[1],
        count=count,
        channels=channels,
        spacing=(spacing[0], spacing[1]) if len(spacing) == 2 else None,
        data_file=path if local else _beside(path, named),
        data_begin=end if local else int(fields.get("HeaderSize", "0")),
        compressed=fields.get("CompressedData", "False").lower() == "true",
    )


def _fields(path: Path) -> tuple[dict[str, str], int]:
    """Keys and values, and where the header ends."""
    fields: dict[str, str] = {}
    with path.open("rb") as file:
        while "ElementDataFile" not in fields and file.tell() <= _LONGEST_HEADER:
            line = file.readline(_LONGEST_LINE)
            # What is not ASCII is in lines that nobody here looks at.
            key, equals, value = line.decode("latin-1").partition("=")
            if line.isspace():
                continue
            if not equals or len(line) == _LONGEST_LINE:
                raise _no_header(path)
            fields[key.strip()] = value.strip()
        end = file.tell()
    if "ElementDataFile" not in fields:
        raise _no_header(path)
    return fields, end


def _beside(path: Path, named: str) -> Path:
    """The file of pixels: a plain name, never a path to somewhere else."""
    if named.upper() == "LIST" or re.search(r"%\d*d", named):
        raise SourceError(f"{path.name} names a file for each picture; save it as one .mha file")
    if not named or named in (".", "..") or re.search(r"[/\\\0]", named):
        raise SourceError(
            f"{path.name} names a file of pixels that is not beside it; put both into one folder"
        )
    file = path.with_name(named)
    if not file.is_file():
        raise SourceError(
            f"the pixels of {path.name} cannot be read; is the file of pixels that it names "
            "beside it?"
        )
    return file


def _no_header(path: Path) -> SourceError:
    return SourceError(f"{path.name} is no MetaImage file that can be read; is it complete?")
