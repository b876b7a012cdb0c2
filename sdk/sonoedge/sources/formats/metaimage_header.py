"""The header of a MetaImage file: lines of "Key = Value" up to ElementDataFile.

Format: https://itk.org/Wiki/MetaIO/Documentation; the keys of sequences are those of Plus
(https://plustoolkit.github.io) and 3D Slicer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from sonoedge.errors import SourceError
from sonoedge.sources.picture import MOST_PICTURES, MOST_PIXELS

N = TypeVar("N", int, float)

# Plus writes some ten lines for each frame.
_LONGEST_HEADER: Final = 64 << 20
_LONGEST_LINE: Final = 4096
_LONGEST_QUOTE: Final = 60  # characters of a value, in a message
_LONGEST_FILE: Final = 1 << 62  # bytes: a file has no place beyond
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


def _header(path: Path, fields: Mapping[str, str], end: int) -> Header:
    def refusal(key: str, remedy: str) -> SourceError:
        value = fields.get(key)
        stated = f"no {key}" if value is None else f"{key} = {value[:_LONGEST_QUOTE]!a}"
        return SourceError(f"{path.name} has {stated}; {remedy}")

    def numbers(key: str, kind: Callable[[str], N], default: str = "") -> list[N]:
        try:
            return [kind(word) for word in fields.get(key, default).split()]
        except ValueError:
            raise refusal(key, "these must be numbers; save it again") from None

    sides = numbers("DimSize", int)
    if numbers("NDims", int) != [len(sides)]:
        raise refusal("NDims", "it must be how many numbers DimSize has; save it again")
    if not all(1 <= side <= _MOST_SIDE for side in sides):
        raise refusal("DimSize", f"each side must be 1 to {_MOST_SIDE}; save it again")
    longer = [side for side in sides[2:] if side > 1]
    if len(sides) < 2 or len(longer) > 1:
        raise refusal("DimSize", "a picture has 2 sides, and a sequence of pictures 3")
    channels = numbers("ElementNumberOfChannels", int, "1")
    if channels not in ([1], [3]):
        raise refusal("ElementNumberOfChannels", "save it as grey (1) or colour (3) pictures")
    if fields.get("ElementType") not in ("MET_UCHAR", "MET_UCHAR_ARRAY"):
        raise refusal("ElementType", "it does not hold 8-bit pixels: save it with MET_UCHAR")
    if fields.get("BinaryData", "True").lower() != "true":
        raise refusal("BinaryData", "its pixels are text: save it with BinaryData = True")
    count = longer[0] if longer else 1
    if sides[0] * sides[1] > MOST_PIXELS or count > MOST_PICTURES:
        raise SourceError(
            f"{path.name} claims {count} pictures of {sides[0]} x {sides[1]} pixels; at most "
            f"{MOST_PICTURES} of {MOST_PIXELS} pixels are read"
        )
    spacing = numbers("ElementSpacing", float)
    skip = numbers("HeaderSize", int, "0")
    if len(skip) != 1 or not -1 <= skip[0] <= _LONGEST_FILE:
        raise refusal("HeaderSize", "it must be a number of bytes, or -1; save it again")
    data_file = fields["ElementDataFile"]
    local = data_file.upper() == "LOCAL"
    return Header(
        fields=fields,
        width=sides[0],
        height=sides[1],
        count=count,
        channels=channels[0],
        spacing=(spacing[0], spacing[1]) if len(spacing) >= 2 else None,
        data_file=path if local else _beside(path, data_file),
        data_begin=end if local else skip[0],
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
