"""The text of a frames.json: one row for each labelled frame, every value checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from sonoedge.bundle.names import check_text
from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge.settings import read
from sonoedge.strict_json import parse_json
from sonoedge.terminal.meant import close

MOST_BYTES: Final = 256 << 20  # half a million frames
ALIKE: Final = 0.75  # of difflib's ratio: splt, not class for flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One frame as it stands in the file, where more keys may stand than are read.

    One that is spelled like a key that is read, and is missing, is refused: a `patient_id` that
    nobody reads would leave a patient's frames on both sides of a split.

    Attributes:
        image, mask: files, relative to frames.json; no mask, or an empty one, is none.
        label: the frame's class; None where nobody knows it.
        patient, group: who was examined; `patient` goes before `group`.
        spacing_mm: (rows, columns) millimetres per pixel, above 0.
    """

    image: str
    label: str | int | None
    mask: str | None = None
    split: str | None = None
    patient: str | int | None = None
    group: str | int | None = None
    device: str | None = None
    flags: tuple[str, ...] | None = None
    spacing_mm: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not self.image:
            raise InvalidSettings("image must name a file")
        if self.spacing_mm is not None and min(self.spacing_mm) <= 0:
            raise InvalidSettings("spacing_mm must be two numbers above 0")
        if self.spacing_mm is not None and not 0 < math.prod(self.spacing_mm) < math.inf:
            raise InvalidSettings("spacing_mm is of no pixel's size")


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesFile:
    """The file: a name, or None, and the rows."""

    name: str | None
    rows: tuple[Row, ...]


def read_frames_file(path: Path) -> FramesFile:
    """Read the text of a frames.json; no picture is looked at.

    Raises:
        InvalidData: it cannot be read, or is no list of labelled frames; names the key.
    """
    try:
        data = parse_json(path.read_bytes(), path.name, most_bytes=MOST_BYTES)
        if not isinstance(data, Mapping) or not isinstance(data.get("frames"), list):
            raise InvalidSettings(
                "it is no list of labelled frames: it needs frames[] with image, mask and label"
            )
        name = data.get("name")
        if not isinstance(name, str | None):
            raise InvalidSettings("name must be text")
        check_text(name, "name")
        rows = tuple(_row(row, f"frames[{index}]") for index, row in enumerate(data["frames"]))
    except OSError as error:
        raise InvalidData(f"{path} cannot be read: {error.strerror}") from None
    except InvalidSettings as error:
        text = str(error)
        named = text.startswith(path.name)
        raise InvalidData(text if named else f"{path.name}: {text}") from None
    return FramesFile(name=name, rows=rows)


def _like(key: str, known: list[str]) -> str | None:
    """The known key that this one is spelled like (lable), or begins with (mask_path)."""
    begun = (name for name in known if key.lower().startswith(name))
    return next(begun, None) or close(key, known, ALIKE)


def _row(data: Any, where: str) -> Row:
    if not isinstance(data, Mapping):
        raise InvalidSettings(f"{where} must be a table of keys")
    known = [f.name for f in fields(Row)]
    for key in sorted(map(str, data.keys() - set(known))):
        near = _like(key, [name for name in known if name not in data])
        if near is not None:
            raise InvalidSettings(
                f"{where}.{key} is not read; name it {near}, or give {near} as well (null for none)"
            )
    values = {name: data[name] for name in known if name in data}
    check_text(values, where, allowed="")
    return read(Row, values, where)
