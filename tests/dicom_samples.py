"""DICOM ultrasound files for tests: dark discs in bright noise, which the tiny bundle finds."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

IMAGE = "1.2.840.10008.5.1.4.1.1.6.1"
MULTI_FRAME = "1.2.840.10008.5.1.4.1.1.3.1"
RETIRED = "1.2.840.10008.5.1.4.1.1.3"


def discs(
    count: int, *, hw: tuple[int, int] = (120, 160), without: tuple[int, ...] = ()
) -> npt.NDArray[np.uint8]:
    """Frames, uint8 (N, H, W), with a disc that moves; black ones where `without` says so."""
    frames = np.random.default_rng(0).integers(140, 200, (count, *hw), dtype=np.uint8)
    for number, frame in enumerate(frames):
        cv2.circle(frame, (60 + number % 20, 60), 20, (10,), -1)
    frames[list(without)] = 0
    return frames


def speckle(count: int, *, hw: tuple[int, int] = (120, 160)) -> npt.NDArray[np.uint8]:
    """Frames, uint8 (N, H, W), in which nothing is found."""
    return np.random.default_rng(1).integers(140, 200, (count, *hw), dtype=np.uint8)


def region(x0: int, y0: int, x1: int, y1: int, spacing_mm: float = 0.2) -> Any:
    """A tissue region; its right and bottom are inclusive."""
    from pydicom.dataset import Dataset

    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, 1, 0
    item.RegionLocationMinX0, item.RegionLocationMinY0 = x0, y0
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = x1, y1
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = 3
    item.PhysicalDeltaX = item.PhysicalDeltaY = spacing_mm / 10
    return item


def write_dicom(path: Path, frames: npt.NDArray[np.uint8], **attributes: Any) -> Path:
    """Write frames, uint8 (N, H, W); an attribute of None is left out."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    multi = len(frames) > 1
    values: dict[str, Any] = {
        "SOPClassUID": MULTI_FRAME if multi else IMAGE,
        "SOPInstanceUID": generate_uid(),
        "StudyInstanceUID": generate_uid(),
        "SeriesInstanceUID": generate_uid(),
        "Modality": "US",
        "SpecificCharacterSet": "ISO_IR 192",
        "PatientName": "Doe^Jane",
        "PatientID": "PATIENT-4711",
        "StudyID": "1",
        "StudyDate": "20260101",
        "StudyTime": "101112",
        "NumberOfFrames": len(frames) if multi else None,
        "FrameTime": "40" if multi else None,
    }
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some tests write what is not valid
        for name, value in (values | attributes).items():
            if value is not None:
                setattr(header, name, value)
        header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID
        header.file_meta.MediaStorageSOPInstanceUID = header.get("SOPInstanceUID", generate_uid())
        header.Rows, header.Columns = frames.shape[1:]
        header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
        header.PixelRepresentation, header.BitsAllocated = 0, 8
        header.BitsStored, header.HighBit = 8, 7
        data = frames.tobytes()
        header.PixelData = data + b"\0" * (len(data) % 2)
        header["PixelData"].VR = "OB"
        header.save_as(path, enforce_file_format=True)
    return path
