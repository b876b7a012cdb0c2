"""sources/formats/dicom.py"""

from __future__ import annotations

import functools
import re
import traceback
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sonoedge import sources
from sonoedge.errors import MissingDependency, SourceError
from sonoedge.frames import FrameMeta
from sonoedge.install import install_command

pydicom = pytest.importorskip("pydicom", reason="needs the extra dicom")
from pydicom.dataset import Dataset, FileMetaDataset  # noqa: E402
from pydicom.encaps import encapsulate  # noqa: E402
from pydicom.uid import (  # noqa: E402
    MPEG4HP41,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    UltrasoundMultiFrameImageStorage,
    generate_uid,
)

# In this process: what a reader gives does not hang on where it runs.
open_source = functools.partial(sources.open_source, isolation="none")

PATIENT = "DOE^JANE"
GREY = np.tile(np.arange(40, dtype=np.uint8), (30, 1))
RGB = np.dstack([np.full_like(GREY, 200), GREY, np.zeros_like(GREY)])


def write(path: Path, pixels: np.ndarray, kind: str = "MONOCHROME2", **attributes: Any) -> Path:
    """A DICOM file of (H, W), (N, H, W) or, with RGB and YBR, (H, W, 3) pixels."""
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = attributes.pop("syntax", ExplicitVRLittleEndian)
    header.file_meta.MediaStorageSOPClassUID = UltrasoundMultiFrameImageStorage
    header.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    header.SOPClassUID = UltrasoundMultiFrameImageStorage
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID
    header.PatientName = PATIENT
    header.PatientID = "MRN-4711"
    colour = kind.startswith(("RGB", "YBR"))
    header.Rows, header.Columns = pixels.shape[:2] if colour else pixels.shape[-2:]
    header.SamplesPerPixel = 3 if colour else 1
    header.PhotometricInterpretation = kind
    header.PixelRepresentation = 0
    header.BitsAllocated = header.BitsStored = 8 * pixels.dtype.itemsize
    header.HighBit = header.BitsStored - 1
    if colour:
        header.PlanarConfiguration = 0
    if pixels.ndim == 3 and not colour:
        header.NumberOfFrames = len(pixels)
    for name, value in attributes.items():
        setattr(header, name, value)
    if "PixelData" not in header:
        header.PixelData = pixels.tobytes()
        header["PixelData"].VR = "OB" if pixels.dtype == np.uint8 else "OW"
    header.save_as(path, enforce_file_format=True)
    return path


def region() -> Dataset:
    item = Dataset()
    item.RegionSpatialFormat = item.RegionDataType = 1
    item.RegionLocationMinX0, item.RegionLocationMinY0 = 2, 3
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = 33, 25
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = 3
    item.PhysicalDeltaX, item.PhysicalDeltaY = 0.01, 0.02
    return item


def test_grey_is_read_bit_for_bit_with_its_region_and_spacing(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.dcm",
        GREY,
        SequenceOfUltrasoundRegions=[region()],
        TransducerData=["C5-1", "", ""],
        DepthOfScanField="110",
    )
    (frame,) = open_source(path)
    assert np.array_equal(frame.pixels, GREY)
    assert frame.spacing_mm == pytest.approx((0.2, 0.1))
    assert frame.roi_px == (2, 3, 34, 26)
    assert (frame.meta.probe, frame.meta.depth_mm) == ("C5-1", 110.0)


def test_pixel_spacing_alone_gives_no_millimetres(tmp_path: Path) -> None:
    (frame,) = open_source(write(tmp_path / "a.dcm", GREY, PixelSpacing=[0.2, 0.2]))
    assert (frame.spacing_mm, frame.roi_px) == (None, None)


def test_monochrome1_is_turned_so_that_bright_is_bright(tmp_path: Path) -> None:
    (frame,) = open_source(write(tmp_path / "a.dcm", GREY, "MONOCHROME1"))
    assert np.array_equal(frame.pixels, 255 - GREY)


def test_rgb_comes_as_bgr(tmp_path: Path) -> None:
    (frame,) = open_source(write(tmp_path / "a.dcm", RGB, "RGB"))
    assert np.array_equal(frame.pixels, RGB[..., ::-1])
    assert frame.pixels.flags.c_contiguous


def test_colour_by_planes_is_the_same_picture(tmp_path: Path) -> None:
    planes = np.ascontiguousarray(RGB.transpose(2, 0, 1)).tobytes()
    path = write(tmp_path / "a.dcm", RGB, "RGB", PlanarConfiguration=1, PixelData=planes)
    (frame,) = open_source(path)
    assert np.array_equal(frame.pixels, RGB[..., ::-1])


def test_ybr_comes_as_bgr(tmp_path: Path) -> None:
    ybr = cv2.cvtColor(RGB, cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]]
    (frame,) = open_source(write(tmp_path / "a.dcm", np.ascontiguousarray(ybr), "YBR_FULL"))
    assert np.abs(frame.pixels.astype(int) - RGB[..., ::-1]).max() <= 2


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_comes_as_bgr(tmp_path: Path, bits: int) -> None:
    table = np.arange(256, dtype=np.uint16)
    tables = {"Red": table, "Green": 255 - table, "Blue": table // 2}
    attributes: dict[str, Any] = {}
    for name, values in tables.items():
        data = values.astype(np.uint8) if bits == 8 else (values * 256 + 77).astype("<u2")
        attributes[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, bits]
        attributes[f"{name}PaletteColorLookupTableData"] = data.tobytes()
    (frame,) = open_source(write(tmp_path / "a.dcm", GREY, "PALETTE COLOR", **attributes))
    assert np.array_equal(frame.pixels, np.dstack([GREY // 2, 255 - GREY, GREY]))


def test_frames_come_one_by_one_with_their_times(tmp_path: Path, clock: Any) -> None:
    path = write(
        tmp_path / "a.dcm",
        np.stack([GREY, GREY + 50, GREY + 100]),
        FrameTimeVector=[0, 20, 50],
        FrameIncrementPointer=0x00181065,
    )
    source = open_source(path)
    assert (source.count, source.fps) == (3, pytest.approx(2 / 0.07))
    for frame, more in zip(source, (0, 50, 100), strict=True):
        assert np.array_equal(frame.pixels, GREY + more)


def test_frames_belong_to_the_caller(tmp_path: Path) -> None:
    source = open_source(write(tmp_path / "a.dcm", np.stack([GREY, GREY])))
    for frame in source:
        assert not frame.pixels.any(axis=0)[0]
        frame.pixels[:] = 255


def test_every_tissue_region_is_looked_at_the_largest_first(tmp_path: Path) -> None:
    small = region()
    small.RegionLocationMinX0, small.RegionLocationMaxX1 = 35, 38
    path = write(
        tmp_path / "a.dcm",
        np.stack([GREY, GREY + 50]),
        SequenceOfUltrasoundRegions=[small, region()],
        FrameTime="40",
    )
    with open_source(path) as source:
        frames = list(source)
        assert source.count == len(frames) == 4
        assert source.fps == pytest.approx(25)
    boxes = [(2, 3, 34, 26), (2, 3, 34, 26), (35, 3, 39, 26), (35, 3, 39, 26)]
    assert [f.roi_px for f in frames] == boxes
    assert [int(f.pixels[0, 0]) for f in frames] == [0, 50, 0, 50]
    from sonoedge.sources.formats.dicom import dicom

    times = [p.time_s for p in dicom(path).pictures()]
    assert times == pytest.approx([0, 0.04, 10.04, 10.08])  # no tracker takes it for one scene


@pytest.mark.parametrize("count", [2**31 - 1, 1_000_001, -1])
def test_a_count_of_frames_that_cannot_be_is_refused(tmp_path: Path, count: int) -> None:
    path = write(tmp_path / "a.dcm", GREY, NumberOfFrames=count, FrameTime="40")
    with pytest.raises(SourceError, match=rf"claims {count} frames; from 1 to 1000000 are read"):
        open_source(path)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.98])
def test_a_file_cut_short_is_an_error_where_it_ends(tmp_path: Path, keep: float) -> None:
    path = write(tmp_path / "a.dcm", np.stack([GREY] * 4))
    whole = path.read_bytes()
    start = len(whole) - 4 * GREY.size
    path.write_bytes(whole[: start + int(4 * GREY.size * keep)])
    with pytest.raises(SourceError, match=r"^a\.dcm cannot be decoded from frame \d of 4 on"):
        list(open_source(path))


@pytest.mark.req("R38")
def test_fewer_frames_than_promised_are_an_error(tmp_path: Path) -> None:
    jpeg = cv2.imencode(".jpg", GREY)[1].tobytes()
    path = write(
        tmp_path / "a.dcm",
        GREY,
        syntax=JPEGBaseline8Bit,
        NumberOfFrames=3,
        PixelData=encapsulate([jpeg, jpeg]),
    )
    with pytest.raises(SourceError, match=r"cannot be decoded from frame \d of 3 on"):
        list(open_source(path))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pixels": GREY.astype(np.uint16)}, "does not hold 8-bit pixels"),
        ({"PixelRepresentation": 1}, "does not hold 8-bit pixels"),
        ({"kind": "HSV"}, "colours that are not read"),
        ({"Rows": 0}, "without a picture"),
        ({"syntax": MPEG4HP41}, r"has transfer syntax 1\.2\.840\.10008\.1\.2\.4\.102.*export it"),
    ],
)
def test_what_is_not_read_is_refused_when_it_is_opened(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    syntax = {"PixelData": encapsulate([b"1234"])} if "syntax" in changes else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's word on a header that is wrong on purpose
        path = write(tmp_path / "a.dcm", **({"pixels": GREY} | changes | syntax))
    with pytest.raises(SourceError, match=message):
        open_source(path)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_a_header_without_pixels_is_refused_when_it_is_opened(tmp_path: Path, syntax: Any) -> None:
    path = write(tmp_path / "a.dcm", GREY, syntax=syntax)
    header = pydicom.dcmread(path)
    del header.PixelData
    header.save_as(path)
    with pytest.raises(SourceError, match=r"^a\.dcm is a DICOM file without pixel data; is it"):
        open_source(path)


@pytest.mark.parametrize("data", [b"", b"not DICOM at all", bytes(128) + b"DICM"])
def test_a_file_that_is_not_dicom_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.dcm").write_bytes(data)
    with pytest.raises(SourceError, match=r"^a\.dcm "):
        open_source(tmp_path / "a.dcm")


def test_a_decoder_that_is_missing_is_said_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pydicom.pixels.decoders.base import get_decoder

    monkeypatch.setattr(get_decoder(JPEGBaseline8Bit), "_available", {})
    jpeg = cv2.imencode(".jpg", GREY)[1].tobytes()
    path = write(tmp_path / "a.dcm", GREY, syntax=JPEGBaseline8Bit, PixelData=encapsulate([jpeg]))
    with pytest.raises(MissingDependency, match=re.escape(install_command("dicom"))):
        open_source(path)


def test_what_pydicom_quotes_does_not_get_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    from sonoedge.sources.formats import dicom_pixels

    def decode(pixels: Any, header: Any) -> Any:
        warnings.warn(f"a strange name: {PATIENT}", UserWarning, stacklevel=1)
        raise ValueError(f"no picture of {PATIENT}")

    monkeypatch.setattr(dicom_pixels.Decoding, "_levels", decode)
    with pytest.raises(SourceError, match="cannot be decoded") as caught:
        list(open_source(write(tmp_path / "a.dcm", GREY)))
    assert "".join(traceback.format_exception(caught.value)).count(PATIENT) == 0
    assert not recwarn.list


@pytest.mark.req("R41")
def test_the_patient_s_attributes_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sonoedge.sources.formats import dicom

    headers = []
    monkeypatch.setattr(
        dicom, "frame_meta", lambda header, file: headers.append(header) or FrameMeta()
    )
    open_source(write(tmp_path / "a.dcm", GREY))
    assert "Rows" in headers[0]
    assert "PatientName" not in headers[0]
    assert "PatientID" not in headers[0]


def test_a_damaged_header_is_an_error_of_ours(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm", GREY)
    rows = b"\x28\x00\x10\x00US"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(rows + b"\x02\x00\x1e\x00", rows + b"\x01\x00\x1e"))
    assert len(path.read_bytes()) == len(whole) - 1
    with pytest.raises(SourceError, match=r"^a\.dcm cannot be read as DICOM"):
        open_source(path)


def test_a_file_is_let_go_when_the_source_is_closed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm", np.stack([GREY] * 3), FrameTime="40")
    fds = Path("/proc/self/fd")

    def held() -> int:
        return sum(1 for fd in fds.iterdir() if fd.exists() and fd.resolve() == path.resolve())

    with open_source(path) as source:
        next(iter(source))
        assert held() == 1
    assert held() == 0


# name, frames, frames per second, spacing, region; as printed in the files' headers.
FILES: Any = [
    ("JPGLosslessP14SV1_1s_1f_8b.dcm", 1, None, 0.25476696592378157, (14, 38, 1011, 759)),
    ("OBXXXX1A_rle.dcm", 1, None, 0.2622878766196998, (120, 60, 800, 519)),
    ("OBXXXX1A_rle_2frame.dcm", 2, None, 0.2622878766196998, (120, 60, 800, 519)),
    ("US1_J2KI.dcm", 1, None, None, None),
    ("color-pl.dcm", 1, None, None, None),
    ("color-px.dcm", 1, None, None, None),
    ("examples_jpeg2k.dcm", 1, None, None, None),
    # These two were cropped and scaled; their regions reach beyond their pictures.
    ("examples_palette.dcm", 1, None, None, None),
    ("examples_ybr_color.dcm", 30, 30.0003, None, None),
    ("examples_rgb_color.dcm", 1, None, None, None),
]


@pytest.mark.parametrize(("name", "count", "fps", "spacing", "roi"), FILES)
def test_real_files_are_read_as_pydicom_reads_them(
    development_data: Path, name: str, count: int, fps: Any, spacing: Any, roi: Any
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about values that are not looked at here
        expected = pydicom.dcmread(development_data / "dicom" / name)
        pixels = expected.pixel_array
    if expected.PhotometricInterpretation == "PALETTE COLOR":
        # Looked up by hand: 256 entries of 16 bits, shown by their upper 8.
        channels = []
        for colour in ("Red", "Green", "Blue"):
            assert expected[f"{colour}PaletteColorLookupTableDescriptor"].value == [256, 0, 16]
            data = expected[f"{colour}PaletteColorLookupTableData"].value
            channels.append((np.frombuffer(data, dtype="<u2") >> 8).astype(np.uint8)[pixels])
        pixels = np.stack(channels, axis=-1)
    pixels = pixels if count > 1 else pixels[np.newaxis]
    with open_source(development_data / "dicom" / name) as source:
        frames = list(source)
        assert (source.count, len(frames)) == (count, count)
        assert source.fps == (None if fps is None else pytest.approx(fps))
    for frame, own in zip(frames, pixels, strict=True):
        assert np.array_equal(frame.pixels, own[..., ::-1] if own.ndim == 3 else own)
        assert frame.spacing_mm == (None if spacing is None else pytest.approx((spacing, spacing)))
        assert frame.roi_px == roi


def test_compressed_colour_is_what_another_decoder_sees(development_data: Path) -> None:
    from pydicom.encaps import get_frame

    path = development_data / "dicom" / "examples_ybr_color.dcm"
    header = pydicom.dcmread(path)
    for index, frame in enumerate(open_source(path)):
        jpeg = get_frame(header.PixelData, index, number_of_frames=30)
        other = cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_COLOR)
        # Decoders round, and widen half-resolution colour, each in its own way.
        assert np.abs(frame.pixels.astype(int) - other).mean() < 1.0
