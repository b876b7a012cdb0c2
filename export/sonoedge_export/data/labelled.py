"""Labelled frames: a frames.json with pictures and masks beside it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidData
from sonoedge.processing.geometry import pixel_aspect
from sonoedge_export.data.picture_file import read_grey, read_mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One frame's entry; pictures are read when asked for.

    Attributes:
        image, mask: files; the mask is None where there is none, see `read_mask`.
        label: the frame's class; None where nobody knows it.
        split, patient, device: as the file says, or None.
        flags: what is painted over the picture, such as callipers or text.
        spacing_mm: (rows, columns) millimetres per pixel, or None.
    """

    image: Path
    mask: Path | None
    label: str | None
    split: str | None
    patient: str | None
    device: str | None
    flags: tuple[str, ...]
    spacing_mm: tuple[float, float] | None

    @property
    def pixel_aspect(self) -> float:
        """A pixel's width over its height; 1.0 where `spacing_mm` is None."""
        return pixel_aspect(self.spacing_mm)

    def pixels(self) -> npt.NDArray[np.uint8]:
        """Grey levels, uint8 (H, W).

        Raises:
            InvalidData: see `read_grey`.
        """
        return read_grey(self.image)

    def truth(self) -> npt.NDArray[np.bool_]:
        """True inside a lesion, bool (H, W).

        Raises:
            InvalidData: see `read_mask`, or it has another size than the picture.
        """
        pixels = self.pixels()
        if self.mask is None:
            return np.zeros(pixels.shape, dtype=bool)
        mask = read_mask(self.mask)
        if mask.shape != pixels.shape:
            raise InvalidData(f"{self.mask.name} has another size than {self.image.name}")
        return mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """The frames of one file."""

    name: str
    entries: tuple[Entry, ...]

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def sha256(self) -> str:
        """One digest over all pictures and masks, in order."""
        whole = hashlib.sha256()
        for entry in self.entries:
            for file in (entry.image, entry.mask):
                whole.update(b"" if file is None else hashlib.sha256(file.read_bytes()).digest())
        return whole.hexdigest()


def read_labelled(file: str | Path, split: str | None = None) -> Labelled:
    """Read a frames.json.

    Raises:
        InvalidData: it cannot be read, or no frame is left; says what is wrong.
    """
    path = Path(file)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidData(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidData(f"{path.name} is no JSON: {_short(error)}") from None
    if not isinstance(data, Mapping) or not isinstance(data.get("frames"), list):
        raise InvalidData(f"{path.name} is no list of labelled frames: it needs frames[]")
    entries = tuple(_entry(path, number, row) for number, row in enumerate(data["frames"]))
    kept = tuple(e for e in entries if split is None or e.split == split)
    if not kept:
        have = sorted({str(e.split) for e in entries})
        raise InvalidData(f"{path.name} has no frames of split {split!r}; it has {', '.join(have)}")
    for entry in kept:
        if not _is_file(entry.image) or not (entry.mask is None or _is_file(entry.mask)):
            raise InvalidData(
                f"{path.name} names {entry.image.name}, but picture or mask is missing"
            )
    return Labelled(name=str(data.get("name", path.parent.name)), entries=kept)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is longer than any file's
        return False


def _entry(file: Path, number: int, row: object) -> Entry:
    """One row.

    Raises:
        InvalidData: it is none; names the row and the key.
    """
    where = f"{file.name}: frames[{number}]"
    if not isinstance(row, Mapping):
        raise InvalidData(f"{where} must be a table with image, mask and label")
    if "label" not in row:
        raise InvalidData(f"{where}.label is missing; null where nobody knows it")
    image = _text(row, "image", where)
    if image is None:
        raise InvalidData(f"{where}.image is missing")
    mask, label = _text(row, "mask", where), row["label"]
    if not isinstance(label, str | int | None):
        raise InvalidData(f"{where}.label must be text, or null where nobody knows it")
    flags = row.get("flags") or ()
    if not isinstance(flags, list | tuple) or not all(isinstance(f, str) for f in flags):
        raise InvalidData(f"{where}.flags must be a list of texts")
    patient = "patient" if row.get("patient") is not None else "group"
    return Entry(
        image=file.parent / image,
        mask=file.parent / mask if mask else None,
        label=None if label is None else str(label),
        split=_text(row, "split", where),
        patient=_text(row, patient, where),
        device=_text(row, "device", where),
        flags=tuple(flags),
        spacing_mm=_spacing_mm(row.get("spacing_mm"), where),
    )


def _text(row: Mapping[str, Any], key: str, where: str) -> str | None:
    """A row's text, or number that names something; None where there is none."""
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InvalidData(f"{where}.{key} must be text")
    if isinstance(value, str) and "\0" in value:
        raise InvalidData(f"{where}.{key} holds a NUL character")
    try:
        return str(value)
    except ValueError:  # more digits than Python writes out
        raise InvalidData(f"{where}.{key} is too large a number") from None


def _spacing_mm(value: object, where: str) -> tuple[float, float] | None:
    if value is None:
        return None
    try:
        rows, columns = (float(v) for v in value)  # type: ignore[attr-defined]
        if math.isfinite(rows) and math.isfinite(columns) and min(rows, columns) > 0:
            return rows, columns
    except (TypeError, ValueError, OverflowError):
        pass
    raise InvalidData(f"{where}.spacing_mm must be [rows, columns], millimetres above 0, or null")


def _short(error: Exception) -> str:
    return str(error)[:200]
