"""Frames from a MetaImage file (.mha, .mhd), as Plus and 3D Slicer write them.

Importing this module needs SimpleITK; `open_source` imports it only for such files.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge.errors import MissingDependency, SourceError
from sonoedge.sources.picture import Contents, Picture

try:
    import SimpleITK
except ModuleNotFoundError as error:
    raise MissingDependency(
        'MetaImage files need SimpleITK; run: pip install "sonoedge[metaimage]"'
    ) from error

SUFFIXES: Final = frozenset({".mha", ".mhd"})

# Pixels are fetched in blocks: a long sequence need not fit into memory, and a
# compressed one is not unpacked anew for each frame.
_BLOCK_BYTES: Final = 64 << 20


def metaimage(path: Path) -> Contents:
    """A picture, or a sequence of pictures along the third axis.

    Spacing is taken where the header has one: 1, 1 is what writers put who have none.
    Pictures stored with their near side down are turned over.

    Raises:
        SourceError: the header cannot be read, or is not of 8-bit pictures; when
            read, the pixels cannot be.
    """
    reader = _reader(path)
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        raise SourceError(
            f"{path.name} is no MetaImage file that can be read; is it complete?"
        ) from None
    size = [int(n) for n in reader.GetSize()]
    if len(size) not in (2, 3) or reader.GetNumberOfComponents() not in (1, 3):
        raise SourceError(f"{path.name} is no sequence of grey or colour pictures")
    if reader.GetPixelIDValue() not in (SimpleITK.sitkUInt8, SimpleITK.sitkVectorUInt8):
        raise SourceError(f"{path.name} does not hold 8-bit pixels; save it with MET_UCHAR")
    count = size[2] if len(size) == 3 else 1
    times_s = _times_s(reader, count)
    columns_mm, rows_mm = (float(d) for d in reader.GetSpacing()[:2])
    spacing_mm = None if columns_mm == rows_mm == 1 else (rows_mm, columns_mm)
    orientation = "MF"  # where x and y point: to the marked side, and far
    if reader.HasMetaDataKey("UltrasoundImageOrientation"):
        orientation = str(reader.GetMetaData("UltrasoundImageOrientation"))
    if orientation[:1] in ("F", "N"):
        raise SourceError(f"{path.name} is stored line by line; save it scan-converted")
    upside_down = orientation[1:2] == "N"

    def pictures() -> Generator[Picture, None, None]:
        for index, pixels in enumerate(_frames(path, size)):
            yield Picture(
                pixels=np.ascontiguousarray(pixels[::-1]) if upside_down else pixels,
                time_s=None if times_s is None else times_s[index],
                spacing_mm=spacing_mm,
            )

    span_s = 0.0 if times_s is None else times_s[-1] - times_s[0]
    return Contents(
        name=path.name,
        pictures=pictures,
        count=count,
        fps=(count - 1) / span_s if span_s > 0 else None,
        times="none" if times_s is None else "own",
    )


def _reader(path: Path) -> Any:
    itk: Any = SimpleITK  # its wrapper is without types
    reader = itk.ImageFileReader()
    reader.SetImageIO("MetaImageIO")  # by the format, not by a guess among all of ITK's
    reader.SetFileName(str(path))
    return reader


def _frames(path: Path, size: list[int]) -> Generator[npt.NDArray[np.uint8], None, None]:
    width, height, count = size[0], size[1], size[2] if len(size) == 3 else 1
    block = max(1, _BLOCK_BYTES // (width * height))
    for first in range(0, count, block):
        reader = _reader(path)
        if len(size) == 3:
            reader.SetExtractIndex([0, 0, first])
            reader.SetExtractSize([width, height, min(block, count - first)])
        try:
            pixels = SimpleITK.GetArrayFromImage(reader.Execute())
        except RuntimeError:
            raise SourceError(
                f"the pixels of {path.name} cannot be read; is the file complete, "
                "and is the file of pixels that it names beside it?"
            ) from None
        pixels = pixels if len(size) == 3 else pixels[np.newaxis]
        for frame in pixels:
            # A copy: a frame that is kept must not keep its whole block.
            yield np.ascontiguousarray(frame[..., ::-1]) if frame.ndim == 3 else frame.copy()


def _times_s(reader: Any, count: int) -> tuple[float, ...] | None:
    """Seconds of each frame; one that has no stamp lies between its neighbours."""
    known: dict[int, float] = {}
    for key in reader.GetMetaDataKeys():
        match = re.fullmatch(r"Seq_Frame([0-9]{1,9})_Timestamp", key)
        if match:
            try:
                known[int(match[1])] = float(reader.GetMetaData(key))
            except ValueError:
                return None
    # A time before the first stamp or after the last one would be invented.
    if len(known) < 2 or min(known) != 0 or max(known) != count - 1:
        return None
    at = sorted(known)
    times = np.array([known[index] for index in at])
    if not np.isfinite(times).all() or (np.diff(times) < 0).any():
        return None
    return tuple(np.interp(np.arange(count), at, times).tolist())
