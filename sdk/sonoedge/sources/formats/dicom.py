"""Frames from a DICOM ultrasound file, decoded one by one.

Importing this module needs pydicom; `open_source` loads it only for such files.
Nothing of the patient is read: the header is asked for the attributes listed here
and no others, and no message or warning that quotes the file's values gets out.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from sonoedge.errors import MissingDependency, SourceError
from sonoedge.frames import FrameMeta
from sonoedge.install import install_command
from sonoedge.sources.formats.dicom_regions import (
    FrameTimes,
    TissueRegion,
    frame_meta,
    frame_times,
    month,
    scanner,
    study,
    tissue_regions,
)
from sonoedge.sources.picture import MOST_PICTURES, MOST_PIXELS, Contents, Picture

try:
    with warnings.catch_warnings():
        # gdcm's bindings, which pydicom looks for, warn of their own types when imported.
        warnings.simplefilter("ignore")
        import pydicom
        from pydicom.uid import DeflatedExplicitVRLittleEndian

        from sonoedge.sources.formats.dicom_pixels import KINDS, PALETTE_TAGS, Decoding
except ModuleNotFoundError as error:
    if error.name != "pydicom":
        raise
    raise MissingDependency(
        f"DICOM files need pydicom and its decoders; run: {install_command('dicom')}"
    ) from error

T = TypeVar("T")

_TAGS: Final = (
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PlanarConfiguration"),
    *("SequenceOfUltrasoundRegions", "TransducerData", "DepthOfScanField"),
    *("Manufacturer", "ManufacturerModelName", "ContentDate", "AcquisitionDate", "StudyDate"),
    "StudyInstanceUID",
    *("FrameTime", "FrameTimeVector", "CineRate", "RecommendedDisplayFrameRate"),
    *PALETTE_TAGS,
)
# The first bytes of a data set that was stored without its preamble.
_BARE: Final = (b"\x02\x00\x00\x00", b"\x08\x00")
# Between the passes over a file with several tissue regions: longer than a tracker's memory.
_BETWEEN_REGIONS_S: Final = 10.0


def dicom(path: Path) -> Contents:
    """A single-frame or multi-frame DICOM file.

    Grey pictures come as (H, W), MONOCHROME1 inverted; colour and palettes as BGR; fewer
    than 8 stored bits are scaled to 0 to 255. Windowing is not applied. A file with
    several tissue regions gives all its frames once for each of them, the largest first,
    with that region as `roi_px`.

    Raises:
        SourceError: it is no DICOM file, or not of pictures that are read; when
            read, its pixels cannot be decoded.
        MissingDependency: the decoder for its compression is not installed.
    """
    return _typed(path.name, "cannot be read as DICOM; is it complete?", lambda: _open(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    meta: FrameMeta
    count: int
    regions: tuple[TissueRegion | None, ...]
    times: FrameTimes | None


def _open(path: Path) -> Contents:
    header = _header(path)
    count = _check(header, path.name)
    decoding = Decoding(path, header, count)
    decoding.check()
    regions = tissue_regions(header, width=int(header.Columns), height=int(header.Rows))
    times = frame_times(header, count)
    file = _File(
        path=path,
        meta=frame_meta(header, path.name),
        count=count,
        regions=regions or (None,),
        times=times,
    )
    return Contents(
        name=path.name,
        pictures=lambda: _pictures(file, decoding),
        count=count * len(file.regions),
        fps=None if times is None or count < 2 else times.fps(count),
        times="none" if times is None else "own",
        scanner=scanner(header),
        month=month(header),
        study=study(header),
    )


def _header(path: Path) -> Any:
    """The attributes that are read.

    Raises:
        SourceError: the file ends where its pixels should begin.
    """
    with path.open("rb") as file:
        head = file.read(132)
        bare = head[128:] != b"DICM" and head.startswith(_BARE)
        file.seek(0)
        header = pydicom.dcmread(
            file, stop_before_pixels=True, specific_tags=list(_TAGS), force=bare
        )
        # Of a deflated file all is read at once.
        deflated = header.file_meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian
        if header.get("Rows") and not deflated and not file.read(1):
            raise SourceError(f"{path.name} is a DICOM file without pixel data; is it complete?")
    return header


def _check(header: Any, name: str) -> int:
    """The count of frames of pictures that are read.

    Raises:
        SourceError: they are not.
    """
    if not header.get("Rows") or not header.get("Columns"):
        raise SourceError(f"{name} is a DICOM file without a picture")
    if header.Rows * header.Columns > MOST_PIXELS:
        raise SourceError(
            f"{name} has frames of {header.Columns} x {header.Rows} pixels; at most "
            f"{MOST_PIXELS} are read: export it smaller"
        )
    count = int(header.get("NumberOfFrames") or 1)
    if not 1 <= count <= MOST_PICTURES:
        raise SourceError(f"{name} claims {count} frames; from 1 to {MOST_PICTURES} are read")
    kind = header.get("PhotometricInterpretation")
    if kind not in KINDS:
        raise SourceError(f"{name} has colours that are not read; export it as RGB")
    stored = header.get("BitsStored", 0)
    if stored == 1 or header.get("BitsAllocated") == 1:
        raise SourceError(f"{name} holds 1 bit per pixel: it is a mask and no B-mode picture")
    depth = 16 if kind == "PALETTE COLOR" else 8
    if stored > depth or header.get("PixelRepresentation", 0) != 0:
        raise SourceError(f"{name} does not hold 8-bit pixels; export it with 8 bits")
    return count


def _pictures(file: _File, decoding: Decoding) -> Generator[Picture, None, None]:
    name, last = file.path.name, file.count
    begin_s = 0.0
    for region in file.regions:
        with closing(decoding.frames()) as frames:  # in our time: it holds the file open
            for index in range(file.count):
                pixels = _typed(
                    name,
                    f"cannot be decoded from frame {index + 1} of {last} on; is it complete?",
                    frames.__next__,
                )
                yield Picture(
                    pixels=pixels,
                    time_s=None if file.times is None else begin_s + file.times.at_s(index),
                    spacing_mm=None if region is None else region.spacing_mm,
                    roi_px=None if region is None else region.roi_px,
                    meta=file.meta,
                )
        if file.times is not None:
            begin_s += file.times.at_s(file.count - 1) + _BETWEEN_REGIONS_S


def _typed(name: str, what: str, call: Callable[[], T]) -> T:
    """Call pydicom so that its warnings and errors, which may quote values, stay within."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return call()
        except (SourceError, MissingDependency, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  decoders raise whatever they like
            # Not chained: a traceback would print what the message leaves out.
            raise SourceError(f"{name} {what} ({type(error).__name__})") from None
