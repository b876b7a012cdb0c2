"""Decoding a DICOM file's pixel data to grey or BGR levels of 8 bits.

Importing this module needs pydicom.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from sonoedge.errors import MissingDependency, SourceError
from sonoedge.install import install_command

# What pydicom gives as grey, as indices of a palette, or, all YBR included, as RGB.
KINDS: Final = frozenset(
    {"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB"}
    | {"YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"}
)
PALETTE_TAGS: Final = tuple(
    f"{colour}PaletteColorLookupTable{part}"
    for colour in ("Red", "Green", "Blue")
    for part in ("Descriptor", "Data")
) + tuple(f"Segmented{c}PaletteColorLookupTableData" for c in ("Red", "Green", "Blue"))

# Pillow and pylibjpeg before gdcm, which a damaged file can make end its process.
_DECODERS: Final = ("pillow", "pylibjpeg", "pydicom", "pyjpegls", "gdcm")

Levels = npt.NDArray[np.uint8]

logging.getLogger("pydicom").addHandler(logging.NullHandler())
logging.getLogger("pydicom").propagate = False  # its log quotes values


class Decoding:
    """How one file's frames are decoded.

    Args:
        path: the file.
        header: its attributes, without the pixel data.
        count: its frames.
    """

    def __init__(self, path: Path, header: Any, count: int) -> None:
        self._path, self._header, self._count = path, header, count
        self._syntax = header.file_meta.get("TransferSyntaxUID") or _implied_syntax(header)
        self._palette: Levels | None = None
        self._first = 0

    def check(self) -> None:
        """Whether the pixel data can be decoded here.

        Raises:
            SourceError: its transfer syntax is not read.
            MissingDependency: no decoder for it is installed.
        """
        name, syntax = self._path.name, self._syntax
        try:
            decoder = get_decoder(syntax)
        except NotImplementedError:
            called = "" if syntax.name == syntax else f" ({syntax.name})"
            raise SourceError(
                f"{name} has transfer syntax {syntax}{called}, which is not read; convert it to "
                "Explicit VR Little Endian (1.2.840.10008.1.2.1), for instance with dcmconv, "
                "or export it uncompressed, or as JPEG, JPEG 2000 or RLE"
            ) from None
        if not decoder.is_available:
            raise MissingDependency(
                f"{name} has transfer syntax {syntax} ({syntax.name}), and no decoder for it is "
                f"installed; run: {install_command('dicom')}"
            )
        if self._header.PhotometricInterpretation == "PALETTE COLOR":
            self._palette, self._first = _palette(self._header, syntax)

    def frames(self) -> Generator[Levels, None, None]:
        """Each frame as grey (H, W) or BGR (H, W, 3), owned by nobody else."""
        available = get_decoder(self._syntax).available_plugins
        decoders: list[Any] = [name for name in _DECODERS if name in available] or [""]
        done = 0
        for position, decoder in enumerate(decoders):
            try:
                with closing(self._decoded(decoder, done)) as frames:
                    for pixels in frames:
                        done += 1
                        yield self._levels(pixels)
                return
            except (GeneratorExit, SourceError, MemoryError):
                raise
            except Exception:
                if position == len(decoders) - 1:
                    raise  # no other decoder is left

    def _decoded(self, decoder: str, begin: int) -> Generator[npt.NDArray[Any], None, None]:
        source: Any = self._path
        options: dict[str, Any] = {"transfer_syntax_uid": self._syntax}
        if self._header.get("SamplesPerPixel", 1) > 1 and "PlanarConfiguration" not in self._header:
            options["planar_configuration"] = 0
        if self._syntax == DeflatedExplicitVRLittleEndian:
            # The whole data set is deflated: nothing in it has a place in the file.
            source, options = pydicom.dcmread(self._path), {}
        # It takes the lowest bits for those that are stored, whatever HighBit says.
        options["correct_unused_bits"] = False
        if begin:
            options["indices"] = range(begin, self._count)
        frames = iter_pixels(source, decoding_plugin=decoder, **options)
        return cast("Generator[npt.NDArray[Any], None, None]", frames)

    def _levels(self, pixels: npt.NDArray[Any]) -> Levels:
        if self._palette is not None:
            indices = _stored(pixels, self._header).astype(np.int32) - self._first
            return np.asarray(self._palette.take(indices, axis=0, mode="clip"), dtype=np.uint8)
        levels = _eight_bits(pixels, self._header)
        if levels.ndim == 3:  # pydicom has turned every YBR into RGB
            return np.ascontiguousarray(levels[..., ::-1])
        if self._header.PhotometricInterpretation == "MONOCHROME1":
            levels = np.asarray(255 - levels)
        return levels


def _stored(pixels: npt.NDArray[Any], header: Any) -> npt.NDArray[Any]:
    """The stored bits of each value: those up to HighBit, and none of the rest."""
    bits = int(header.BitsStored)
    shift = max(0, int(header.get("HighBit", bits - 1)) - bits + 1)
    if bits == 8 * pixels.dtype.itemsize:
        return pixels
    return np.asarray((pixels >> shift) & ((1 << bits) - 1))


def _eight_bits(pixels: npt.NDArray[Any], header: Any) -> Levels:
    """Levels from 0 to 255; fewer stored bits are stretched, as viewers show them."""
    levels = _stored(pixels, header)
    if header.BitsStored < 8:
        top = (1 << int(header.BitsStored)) - 1
        levels = (levels.astype(np.uint16) * 255 + top // 2) // top
    return np.asarray(levels, dtype=np.uint8)


def _palette(header: Any, syntax: Any) -> tuple[Levels, int]:
    """The palette as BGR levels, uint8 (N, 3), and the pixel value of its first entry."""
    entries, first, bits = (int(n) for n in header.RedPaletteColorLookupTableDescriptor)
    entries = entries or 1 << 16
    table = apply_color_lut(np.arange(first, first + entries), header)
    plain = "RedPaletteColorLookupTableData" in header
    if table.dtype == np.uint16:
        if plain and syntax == ExplicitVRBigEndian:
            table = table.byteswap()  # pydicom takes the words of every file as little-endian
        table = table >> (8 if bits > 8 else 0)  # the upper 8 bits are what is shown
    return np.ascontiguousarray(table[:, ::-1].astype(np.uint8)), first


def _implied_syntax(header: Any) -> Any:
    """The syntax of a data set that was stored without its file meta information."""
    implicit, _ = header.original_encoding
    return ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
