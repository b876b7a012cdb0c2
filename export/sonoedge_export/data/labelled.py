"""Labelled frames: a frames.json with pictures and masks beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidData
from sonoedge.frames import Frame
from sonoedge.processing.geometry import pixel_aspect
from sonoedge_export.data.frames_file import Row, read_frames_file
from sonoedge_export.data.picture_file import read_mask, read_pixels, to_grey

NORMAL: Final = "normal"  # the one label whose frames show no lesion, whatever the others are


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

    def frame(self) -> Frame:
        """The frame as a device gets it, in colour where the picture is.

        Raises:
            InvalidData: see `read_pixels`.
        """
        return Frame(pixels=read_pixels(self.image), spacing_mm=self.spacing_mm)

    def pixels(self) -> npt.NDArray[np.uint8]:
        """Grey levels, uint8 (H, W).

        Raises:
            InvalidData: see `read_pixels`.
        """
        return to_grey(read_pixels(self.image))

    def truth(self, size: tuple[int, ...] | None = None) -> npt.NDArray[np.bool_]:
        """True inside a lesion, bool (H, W).

        Args:
            size: the picture's (H, W) where it is read already; None reads it.

        Raises:
            InvalidData: see `read_mask`, or it has another size than the picture, or outlines a
                lesion of a frame that is labelled normal.
        """
        if size is None:
            size = read_pixels(self.image).shape[:2]
        if self.mask is None:
            return np.zeros(size, dtype=bool)
        mask = read_mask(self.mask)
        if mask.shape != size:
            raise InvalidData(f"{self.mask.name} has another size than {self.image.name}")
        if self.label is not None and self.label.lower() == NORMAL and mask.any():
            raise InvalidData(
                f"{self.image.name} is labelled {self.label}, and {self.mask.name} outlines a "
                "lesion; correct one of them"
            )
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
    contents = read_frames_file(path)
    entries = tuple(_entry(path.parent, row) for row in contents.rows)
    kept = tuple(e for e in entries if split is None or e.split == split)
    if not kept:
        have = ", ".join(sorted({e.split for e in entries if e.split is not None}))
        raise InvalidData(
            f"{path.parent.name}/{path.name} has no frames of split {split!r}; "
            + (f"it has {have}" if have else "its frames name no split")
        )
    for entry in kept:
        for what, named in (("picture", entry.image), ("mask", entry.mask)):
            if named is not None and not _is_file(named):
                raise InvalidData(f"{path.name} names the {what} {named.name}, which is no file")
    name = path.parent.name if contents.name is None else contents.name
    return Labelled(name=name, entries=kept)


def _entry(folder: Path, row: Row) -> Entry:
    patient = row.group if row.patient is None else row.patient
    return Entry(
        image=folder / row.image,
        mask=folder / row.mask if row.mask else None,
        label=None if row.label is None else str(row.label),
        split=row.split,
        patient=None if patient is None else str(patient),
        device=row.device,
        flags=row.flags or (),
        spacing_mm=row.spacing_mm,
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is longer than any file's
        return False
