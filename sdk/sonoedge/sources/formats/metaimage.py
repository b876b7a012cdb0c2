"""Frames from a MetaImage file (.mha, .mhd), as Plus and 3D Slicer write them.

Read without ITK: the format is a text and a block of bytes, and a header that lies makes
native readers hang, or take any file for pixels.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import numpy as np
import numpy.typing as npt

from sonoedge.errors import SourceError
from sonoedge.frames import FrameMeta
from sonoedge.sources.formats.metaimage_header import Header, read_header
from sonoedge.sources.picture import Contents, Picture

T = TypeVar("T")

_PIECE: Final = 1 << 16


def metaimage(path: Path) -> Contents:
    """A picture, or a sequence of pictures along the third axis.

    Spacing is taken where the header has one: 1, 1 is what writers put who
    have none. Pictures stored with their near side down are turned over. A frame that
    the recorder marked as invalid says so in `meta.invalid`.

    Raises:
        SourceError: the header cannot be read, or is not of 8-bit pictures; when
            read, the pixels cannot be.
    """
    header = read_header(path)
    times_s = _times_s(header)
    spacing_mm = _spacing_mm(header)
    orientation = header.fields.get("UltrasoundImageOrientation", "MF")  # where x and y point
    if orientation[:1] in ("F", "N"):
        raise SourceError(f"{path.name} is stored line by line; save it scan-converted")
    upside_down = orientation[1:2] == "N"

    def pictures() -> Generator[Picture, None, None]:
        for index, pixels in enumerate(_readable(path, _frames(path, header))):
            yield Picture(
                pixels=np.ascontiguousarray(pixels[::-1]) if upside_down else pixels,
                time_s=None if times_s is None else times_s[index],
                spacing_mm=spacing_mm,
                meta=FrameMeta(file=path.name, invalid=_invalid(header, index)),
            )

    span_s = 0.0 if times_s is None else times_s[-1] - times_s[0]
    return Contents(
        name=path.name,
        pictures=pictures,
        count=header.count,
        fps=(header.count - 1) / span_s if span_s > 0 else None,
        times="none" if times_s is None else "own",
    )


def _readable(path: Path, frames: Generator[T, None, None]) -> Generator[T, None, None]:
    try:
        yield from frames
    except OSError as error:
        raise SourceError(f"the pixels of {path.name} cannot be read: {error.strerror}") from None


def _frames(path: Path, header: Header) -> Generator[npt.NDArray[np.uint8], None, None]:
    shape = (header.height, header.width, header.channels)
    size = header.height * header.width * header.channels
    damaged = SourceError(
        f"the pixels of {path.name} cannot be read; is the file complete, "
        "and is the file of pixels that it names beside it?"
    )
    with header.data_file.open("rb") as file:
        begin = header.data_begin
        if begin < 0:
            begin = header.data_file.stat().st_size - size * header.count
            if begin < 0 or header.compressed:
                raise damaged
        file.seek(begin)
        read = _inflating(file) if header.compressed else file.read
        for _ in range(header.count):
            data = _filled(read, size)
            if len(data) < size:
                raise damaged
            pixels = np.frombuffer(data, dtype=np.uint8).reshape(shape)
            grey = header.channels == 1
            yield pixels[..., 0] if grey else np.ascontiguousarray(pixels[..., ::-1])
        if len(_filled(read, size)) == size:
            raise SourceError(
                f"{path.name} holds more pictures than the {header.count} of its header"
            )


def _filled(read: Callable[[int], bytes], size: int) -> bytearray:
    """So many bytes, or those that are left."""
    data = bytearray()
    while len(data) < size:
        piece = read(size - len(data))
        if not piece:
            break
        data += piece
    return data


def _inflating(file: BinaryIO) -> Callable[[int], bytes]:
    """Reads what a zlib stream unpacks to, no more than asked for at a time."""
    stream = zlib.decompressobj()

    def read(size: int) -> bytes:
        while not stream.eof:
            packed = stream.unconsumed_tail or file.read(_PIECE)
            try:
                data = stream.decompress(packed, size)
            except zlib.error:
                return b""
            if data or not packed:
                return data
        return b""

    return read


def _spacing_mm(header: Header) -> tuple[float, float] | None:
    if header.spacing is None or header.spacing == (1, 1):
        return None
    columns_mm, rows_mm = header.spacing
    return rows_mm, columns_mm


def _invalid(header: Header, index: int) -> str | None:
    status = header.fields.get(f"Seq_Frame{index:04d}_ImageStatus", "OK")
    return None if status == "OK" else "the recorder marked it as invalid"


def _times_s(header: Header) -> tuple[float, ...] | None:
    """Seconds of each frame; one that has no stamp lies between its neighbours."""
    stamps: dict[int, float] = {}
    for key, value in header.fields.items():
        match = re.fullmatch(r"Seq_Frame([0-9]{1,9})_Timestamp", key)
        if match:
            try:
                stamps[int(match[1])] = float(value)
            except ValueError:
                return None
    # A time before the first stamp or after the last one would be invented.
    if len(stamps) < 2 or min(stamps) != 0 or max(stamps) != header.count - 1:
        return None
    at = sorted(stamps)
    times = np.array([stamps[index] for index in at])
    if not np.isfinite(times).all() or (np.diff(times) < 0).any():
        return None
    return tuple(np.interp(np.arange(header.count), at, times).tolist())
