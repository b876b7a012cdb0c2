"""Picture files: one 8-bit picture, grey or colour, decoded by OpenCV."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.errors import SourceError
from sonoedge.frames import FrameMeta
from sonoedge.sources.formats.picture_header import claim
from sonoedge.sources.picture import MOST_PIXELS, Contents, Picture

# Native depth, so that 16 bits are refused and not cut to 8; alpha is left out.
_FLAGS: Final = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
_MOST_BYTES: Final = 1 << 30


def picture(path: Path) -> Contents:
    """One picture file.

    Raises (when read):
        SourceError: as `read_picture`.
    """

    def pictures() -> Generator[Picture, None, None]:
        yield Picture(pixels=read_picture(path), meta=FrameMeta(file=path.name))

    return Contents(name=path.name, pictures=pictures, count=1)


def read_picture(path: Path) -> npt.NDArray[np.uint8]:
    """The pixels of a picture file, uint8, (H, W) grey or (H, W, 3) BGR.

    PNG, JPEG, BMP, WebP and TIFF, by content. A turn that the file's metadata asks for
    is done. Levels are never scaled: a picture of other than 8 bits is refused.

    Raises:
        SourceError: the file cannot be read, is damaged, too large, or not one 8-bit picture.
    """
    data = _bytes(path)
    damaged = SourceError(f"{path.name} is damaged or no picture; save it again or take it out")
    claimed = claim(data)
    if claimed is None:
        raise damaged
    if claimed.pages > 1:
        raise SourceError(
            f"{path.name} holds {claimed.pages} pages; save each as a picture of its own"
        )
    if not 0 < claimed.width * claimed.height <= MOST_PIXELS:
        raise SourceError(
            f"{path.name} claims {claimed.width} x {claimed.height} pixels; at most "
            f"{MOST_PIXELS} are read: save it smaller"
        )
    pixels = _decoded(path, data)
    if pixels is None:
        raise damaged
    if pixels.dtype != np.uint8:
        raise SourceError(
            f"{path.name} has {8 * pixels.dtype.itemsize} bits per value; save it with 8"
        )
    return pixels.view(np.uint8)


def _decoded(path: Path, data: bytes) -> npt.NDArray[np.generic] | None:
    try:
        pixels: Any = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), _FLAGS)
        if pixels is None and data[:2] in (b"II", b"MM"):
            pixels = _from_file(path)
    except cv2.error:
        return None
    return None if pixels is None else np.asarray(pixels)


def _from_file(path: Path) -> npt.NDArray[np.generic] | None:
    """Through a descriptor: of tiles below 32 pixels OpenCV reads files, and no memory."""
    with path.open("rb") as file:
        # Not by its name, which OpenCV would print.
        return cv2.imread(f"/proc/self/fd/{file.fileno()}", _FLAGS)


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():  # opening a pipe would wait for its writer
            path.stat()
            raise SourceError(f"{path.name} is no ordinary file")
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror}") from None
    if len(data) > _MOST_BYTES:
        raise SourceError(f"{path.name} is larger than {_MOST_BYTES >> 20} MiB; save it smaller")
    return data
