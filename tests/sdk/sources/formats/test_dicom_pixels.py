"""sources/formats/dicom_pixels.py: bits, palettes, byte orders and transfer syntaxes."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sonoedge import sources
from sonoedge.errors import SourceError

pydicom = pytest.importorskip("pydicom", reason="needs the extra dicom")
from pydicom.dataset import Dataset, FileMetaDataset  # noqa: E402
from pydicom.encaps import encapsulate  # noqa: E402
from pydicom.uid import (  # noqa: E402
    MPEG4HP41,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

open_source = functools.partial(sources.open_source, isolation="none")

RAMP = np.tile(np.arange(40, dtype=np.uint8), (30, 1))


def write(
    path: Path,
    pixels: np.ndarray,
    *,
    kind: str = "MONOCHROME2",
    syntax: str = ExplicitVRLittleEndian,
    **attributes: Any,
) -> Path:
    """A single-frame file; pixels (H, W) grey or (H, W, 3)."""
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = UID(syntax)
    header.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.6.1"
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID = "1.2.3"
    header.SOPClassUID = "1.2.840.10008.5.1.4.1.1.6.1"
    header.Rows, header.Columns = pixels.shape[:2]
    header.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    header.PhotometricInterpretation = kind
    header.PixelRepresentation = 0
    header.BitsAllocated = header.BitsStored = 8 * pixels.dtype.itemsize
    header.HighBit = header.BitsStored - 1
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    header.PixelData = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    for name, value in attributes.items():
        setattr(header, name, value)
    header["PixelData"].VR = "OB" if header.BitsAllocated == 8 else "OW"
    form: dict[str, Any] = {"enforce_file_format": True}
    if syntax in (ExplicitVRBigEndian, ImplicitVRLittleEndian):
        little, implicit = syntax != ExplicitVRBigEndian, syntax == ImplicitVRLittleEndian
        form = {"little_endian": little, "implicit_vr": implicit} | form
    header.save_as(path, **form)
    return path


def pixels_of(path: Path) -> np.ndarray:
    (frame,) = open_source(path)
    return frame.pixels


@pytest.mark.parametrize("bits", [2, 4, 7])
def test_fewer_stored_bits_are_stretched_to_all_levels(tmp_path: Path, bits: int) -> None:
    top = (1 << bits) - 1
    pixels = RAMP % (top + 1)
    read = pixels_of(write(tmp_path / "a.dcm", pixels, BitsStored=bits, HighBit=bits - 1))
    assert np.array_equal(read, np.rint(pixels * 255.0 / top).astype(np.uint8))
    assert read.max() > 76


def test_one_bit_per_pixel_is_a_mask_and_no_picture(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm", RAMP % 2, BitsStored=1, HighBit=0)
    with pytest.raises(SourceError, match=r"a\.dcm holds 1 bit per pixel: it is a mask"):
        open_source(path)


@pytest.mark.parametrize("shift", [0, 8])
def test_eight_bits_in_words_of_sixteen_are_read(tmp_path: Path, shift: int) -> None:
    words = RAMP.astype(np.uint16) << shift
    path = write(tmp_path / "a.dcm", words, BitsStored=8, HighBit=7 + shift)
    assert np.array_equal(pixels_of(path), RAMP)


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_every_uncompressed_syntax_is_the_same_picture(tmp_path: Path, syntax: str) -> None:
    assert np.array_equal(pixels_of(write(tmp_path / "a.dcm", RAMP, syntax=syntax)), RAMP)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_a_palette_of_words_is_the_same_in_both_byte_orders(tmp_path: Path, syntax: str) -> None:
    order = ">u2" if syntax == ExplicitVRBigEndian else "<u2"
    tables: dict[str, Any] = {}
    for colour, share in (("Red", 1.0), ("Green", 0.7), ("Blue", 0.3)):
        table = (np.arange(256) * share).astype(np.uint16) << 8
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tables[f"{colour}PaletteColorLookupTableData"] = table.astype(order).tobytes()
    read = pixels_of(
        write(tmp_path / "a.dcm", RAMP * 6, kind="PALETTE COLOR", syntax=syntax, **tables)
    )
    expected = [(RAMP * 6 * share).astype(np.uint8) for share in (0.3, 0.7, 1.0)]
    assert np.array_equal(read, np.dstack(expected))


def test_a_palette_may_begin_above_zero(tmp_path: Path) -> None:
    tables: dict[str, Any] = {}
    for colour in ("Red", "Green", "Blue"):
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = [10, 20, 8]
        tables[f"{colour}PaletteColorLookupTableData"] = bytes(range(100, 110))
    read = pixels_of(write(tmp_path / "a.dcm", RAMP, kind="PALETTE COLOR", **tables))
    assert np.array_equal(read[..., 0], np.clip(RAMP, 20, 29) + 80)


def test_colour_without_its_planar_configuration_is_read_by_pixel(tmp_path: Path) -> None:
    rgb = np.dstack([RAMP, RAMP * 2, RAMP * 3])
    path = write(tmp_path / "a.dcm", rgb, kind="RGB")
    assert "PlanarConfiguration" not in pydicom.dcmread(path)
    assert np.array_equal(pixels_of(path), rgb[..., ::-1])


def test_a_data_set_without_preamble_is_read(tmp_path: Path) -> None:
    data = write(tmp_path / "a.dcm", RAMP).read_bytes()
    (tmp_path / "bare.dcm").write_bytes(data[132:])
    assert np.array_equal(pixels_of(tmp_path / "bare.dcm"), RAMP)


@pytest.mark.parametrize(
    "syntax", ["1.2.840.113619.5.2", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.8.1"]
)
def test_a_transfer_syntax_that_is_not_read_is_named(tmp_path: Path, syntax: str) -> None:
    packed = encapsulate([b"1234"])
    data = write(tmp_path / "a.dcm", RAMP, syntax=MPEG4HP41, PixelData=packed).read_bytes()
    padded = syntax.encode().ljust(24, b"\0")
    (tmp_path / "b.dcm").write_bytes(data.replace(MPEG4HP41.encode() + b"\0", padded))
    with pytest.raises(SourceError, match=rf"b\.dcm has transfer syntax {syntax}.*not read"):
        open_source(tmp_path / "b.dcm")


def test_jpeg_is_decoded_by_pillow_before_gdcm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cv2

    from sonoedge.sources.formats import dicom_pixels

    order = []
    iterate = dicom_pixels.iter_pixels

    def noted(*args: Any, decoding_plugin: str, **more: Any) -> Any:
        order.append(decoding_plugin)
        return iterate(*args, decoding_plugin=decoding_plugin, **more)

    monkeypatch.setattr(dicom_pixels, "iter_pixels", noted)
    jpeg = cv2.imencode(".jpg", RAMP)[1].tobytes()
    good = write(tmp_path / "a.dcm", RAMP, syntax=JPEGBaseline8Bit, PixelData=encapsulate([jpeg]))
    assert np.abs(pixels_of(good).astype(int) - RAMP).max() < 4
    assert order == ["pillow"]


def test_high_throughput_jpeg_2000_has_its_decoder_installed() -> None:
    from pydicom.pixels.decoders.base import get_decoder

    pytest.importorskip("openjpeg", reason="needs the extra dicom")
    assert get_decoder(HTJ2KLossless).is_available
