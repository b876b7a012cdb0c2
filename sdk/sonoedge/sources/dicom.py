"""Frames from a DICOM ultrasound file, decoded one by one.

Importing this module needs pydicom; `open_source` imports it only for such files.
Nothing of the patient is read: the header is asked for the attributes listed here
and no others, and no message or warning that quotes the file's values gets out.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numpy as np
import numpy.typing as npt

from sonoedge.errors import MissingDependency, SourceError
from sonoedge.sources.dicom_regions import frame_meta, times_s, tissue_region
from sonoedge.sources.picture import Contents, Picture

try:
    with warnings.catch_warnings():
        # gdcm's bindings, which pydicom looks for, warn of their own types when imported.
        warnings.simplefilter("ignore")
        import pydicom
        from pydicom.pixels.decoders.base import get_decoder
        from pydicom.pixels.processing import apply_color_lut
        from pydicom.pixels.utils import iter_pixels
except ModuleNotFoundError as error:
    raise MissingDependency(
        'DICOM files need pydicom and its decoders; run: pip install "sonoedge[dicom]"'
    ) from error

T = TypeVar("T")

# What pydicom gives as grey, as indices of a palette, or, all YBR included, as RGB.
_KINDS: Final = frozenset(
    {"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB"}
    | {"YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"}
)
_PALETTE: Final = tuple(
    f"{colour}PaletteColorLookupTable{part}"
    for colour in ("Red", "Green", "Blue")
    for part in ("Descriptor", "Data")
) + tuple(f"Segmented{c}PaletteColorLookupTableData" for c in ("Red", "Green", "Blue"))
_TAGS: Final = (
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation"),
    *("BitsAllocated", "BitsStored", "PixelRepresentation"),
    *("SequenceOfUltrasoundRegions", "TransducerData", "DepthOfScanField"),
    *("FrameTime", "FrameTimeVector", "CineRate", "RecommendedDisplayFrameRate"),
    *_PALETTE,
)


def dicom(path: Path) -> Contents:
    """A single-frame or multi-frame DICOM file.

    Grey pictures come as (H, W), MONOCHROME1 inverted; colour and palettes as BGR.
    Windowing is not applied. The largest tissue region is the frames' `roi_px`.

    Raises:
        SourceError: it is no DICOM file, or not of pictures that are read; when
            read, its pixels cannot be decoded.
        MissingDependency: the decoder for its compression is not installed.
    """
    return _ours(path.name, "cannot be read as DICOM; is it complete?", lambda: _open(path))


def _open(path: Path) -> Contents:
    header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(_TAGS))
    _check(header, path.name)
    count = int(header.get("NumberOfFrames") or 1)
    region = tissue_region(header, width=int(header.Columns), height=int(header.Rows))
    times = times_s(header, count)
    meta = frame_meta(header)

    def pictures() -> Generator[Picture, None, None]:
        # Closed in our time: it holds the file open.
        with closing(cast("Generator[npt.NDArray[Any], None, None]", iter_pixels(path))) as frames:
            for index in range(count):
                pixels = _ours(
                    path.name,
                    f"cannot be decoded from frame {index + 1} of {count} on; is it complete?",
                    lambda: _bgr(next(frames), header),
                )
                yield Picture(
                    pixels=pixels,
                    time_s=None if times is None else times[index],
                    spacing_mm=None if region is None else region.spacing_mm,
                    roi_px=None if region is None else region.roi_px,
                    meta=meta,
                )

    return Contents(
        name=path.name,
        pictures=pictures,
        count=count,
        fps=(count - 1) / times[-1] if times and times[-1] > 0 else None,
        times="none" if times is None else "own",
    )


def _check(header: Any, name: str) -> None:
    if not header.get("Rows") or not header.get("Columns"):
        raise SourceError(f"{name} is a DICOM file without a picture")
    if int(header.get("NumberOfFrames") or 1) < 1:
        raise SourceError(f"{name} says that it holds no frame")
    kind = header.get("PhotometricInterpretation")
    if kind not in _KINDS:
        raise SourceError(f"{name} has colours that are not read; export it as RGB")
    depth = 16 if kind == "PALETTE COLOR" else 8
    if header.get("BitsStored", 0) > depth or header.get("PixelRepresentation", 0) != 0:
        raise SourceError(f"{name} does not hold 8-bit pixels; export it with 8 bits")
    syntax = header.file_meta.TransferSyntaxUID
    try:
        decoder = None if not syntax.is_compressed else get_decoder(syntax)
    except NotImplementedError:
        raise SourceError(
            f"{name} is compressed as {syntax.name}, which is not read; "
            "export it uncompressed, or as JPEG, JPEG 2000 or RLE"
        ) from None
    if decoder is not None and not decoder.is_available:
        raise MissingDependency(
            f"{name} is compressed as {syntax.name}, and no decoder for it is installed; "
            'run: pip install "sonoedge[dicom]"'
        )


def _bgr(pixels: npt.NDArray[Any], header: Any) -> npt.NDArray[np.uint8]:
    """One decoded frame as grey (H, W) or BGR (H, W, 3), owned by nobody else."""
    kind = header.PhotometricInterpretation
    if kind == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, header)
        if pixels.dtype == np.uint16:  # tables of 16 bits: the upper 8 are what is shown
            pixels = (pixels >> 8).astype(np.uint8)
    if pixels.dtype != np.uint8:
        raise SourceError("pixels are not of 8 bits")
    if pixels.ndim == 3:  # pydicom has turned every YBR into RGB
        return np.ascontiguousarray(pixels[..., ::-1])
    return np.asarray(255 - pixels if kind == "MONOCHROME1" else pixels)


def _ours(name: str, what: str, call: Callable[[], T]) -> T:
    """Call pydicom so that its warnings and errors, which may quote values, stay within."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return call()
        except (SourceError, MissingDependency):
            raise
        except Exception as error:  # noqa: BLE001  decoders raise whatever they like
            # Not chained: a traceback would print what the message leaves out.
            raise SourceError(f"{name} {what} ({type(error).__name__})") from None
