"""sources/folder.py"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.errors import SourceError
from sonoedge.sources import open_source

GREY = np.tile(np.arange(40, dtype=np.uint8), (30, 1))


def save(path: Path, level: int = 90) -> Path:
    assert cv2.imwrite(str(path), np.full((4, 6), level, dtype=np.uint8))
    return path


@pytest.mark.parametrize("isolation", ["process", "none"])
def test_a_folder_is_read_in_the_order_that_people_count(tmp_path: Path, isolation: str) -> None:
    for number in (10, 2, 1):
        save(tmp_path / f"f{number}.png", number)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "._f1.png").write_bytes(b"left behind by another system")
    (tmp_path / "deeper.png").mkdir()
    with open_source(tmp_path, isolation=isolation) as source:  # type: ignore[arg-type]
        frames = list(source)
        assert source.count == 3
    assert [int(f.pixels[0, 0]) for f in frames] == [1, 2, 10]
    assert [f.meta.file for f in frames] == ["f1.png", "f2.png", "f10.png"]


def test_names_of_all_kinds_have_an_order(tmp_path: Path) -> None:
    for name in ("7.png", "a.png", "a7.png", "a07.png", "7b.png"):
        save(tmp_path / name)
    assert open_source(tmp_path).count == 5


def test_a_folder_of_dicom_files_is_read_whatever_their_names(
    tmp_path: Path, repository: Path
) -> None:
    pydicom = pytest.importorskip("pydicom", reason="needs the extra dicom")
    header = pydicom.dataset.Dataset()
    header.file_meta = pydicom.dataset.FileMetaDataset()
    header.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID = "1.2.840.10008.5.1.4.1.1.3.1"
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID = "1.2.3"
    header.Rows, header.Columns, header.NumberOfFrames = 30, 40, 2
    header.SamplesPerPixel, header.PixelRepresentation = 1, 0
    header.PhotometricInterpretation = "MONOCHROME2"
    header.BitsAllocated = header.BitsStored = 8
    header.HighBit = 7
    header.FrameTime = "40"
    header.PixelData = np.stack([GREY, GREY + 1]).tobytes()
    header["PixelData"].VR = "OB"
    for name in ("IM2", "1.2.840.1", "a.dcm"):
        header.save_as(tmp_path / name, enforce_file_format=True)
    (tmp_path / "DICOMDIR").write_bytes((tmp_path / "IM2").read_bytes())
    with open_source(tmp_path) as source:
        frames = list(source)
        assert source.count is None
    assert [f.meta.file for f in frames] == [
        *("1.2.840.1", "1.2.840.1", "IM2", "IM2", "a.dcm", "a.dcm")
    ]
    assert np.array_equal(frames[1].pixels, GREY + 1)


def test_an_empty_folder_says_what_is_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no pictures .* and no DICOM files$"):
        open_source(tmp_path)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("a.mp4", "each of its videos by itself"),
        ("sub", "sub-folders"),
        ("manifest.json", "BUNDLE comes first, then SOURCE"),
    ],
)
def test_a_folder_of_other_things_says_what_to_give(tmp_path: Path, name: str, advice: str) -> None:
    (tmp_path / name).mkdir() if name == "sub" else (tmp_path / name).write_bytes(b"video")
    with pytest.raises(SourceError, match=advice):
        open_source(tmp_path)


def test_a_picture_that_cannot_be_read_ends_the_folder(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    save(tmp_path / "c.png")
    frames = iter(open_source(tmp_path))
    next(frames)
    with pytest.raises(SourceError, match=r"^b\.png is damaged"):
        next(frames)


@pytest.mark.parametrize("isolation", ["process", "none"])
def test_where_asked_a_picture_that_cannot_be_read_is_one_frame_that_says_so(
    tmp_path: Path, isolation: str
) -> None:
    save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    save(tmp_path / "c.png")
    with open_source(tmp_path, isolation=isolation, continue_on_error=True) as source:  # type: ignore[arg-type]
        frames = list(source)
        assert source.count == 3
    assert [f.meta.file for f in frames] == ["a.png", "b.png", "c.png"]
    assert [f.meta.invalid for f in frames][::2] == [None, None]
    assert (frames[1].meta.invalid or "").startswith("b.png is damaged")
    assert not frames[1].pixels.any()
    assert source.unreadable == (frames[1].meta.invalid,)
