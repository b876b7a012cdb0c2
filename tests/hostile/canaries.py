"""Strings planted where a patient's data may stand, and the search for them.

SECRET strings must be nowhere in what is written or printed. OWN strings are names that the
caller typed: they may be printed back to him, and stand as a picture's `file` in JSON Lines,
and nowhere else in what is written.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from scope_samples import TEXTURED, speckle, stripes, write_pictures
from tiny.frames import write_frames

SECRET = "Zq7Secret"
OWN = "Zq7Own"
TINY = Path(__file__).parents[1] / "data" / "tiny"
TINY_RECIPE = Path(__file__).parents[1] / "tiny"

# DICOM attributes in which names and free text stand. A short one takes 16 characters.
TAGS = (
    "PatientName", "PatientID", "OtherPatientIDs", "PatientComments", "PatientAddress",
    "PatientBirthName", "InstitutionName", "InstitutionAddress", "ReferringPhysicianName",
    "OperatorsName", "StudyDescription", "SeriesDescription", "StudyID", "AccessionNumber",
    "ProtocolName", "StationName", "DeviceSerialNumber", "TransducerData", "ImageComments",
)  # fmt: skip

ENVIRONMENT = {"ZQ7_VALUE": f"{SECRET}-environment", "HOSTNAME": f"{SECRET}-host"}


def pictures(count: int) -> np.ndarray:
    """Frames, uint8 (N, H, W), with a disc, and a secret in one row of levels."""
    frames = np.random.default_rng(0).integers(140, 200, (count, 120, 160), dtype=np.uint8)
    text = np.frombuffer(f"{SECRET}-pixels".encode(), np.uint8)
    for frame in frames:
        cv2.circle(frame, (60, 60), 20, (10,), -1)
        frame[5, 8 : 8 + len(text)] = text
    return frames


def write_dicom(path: Path) -> None:
    """A DICOM file with a secret in each of `TAGS`, in a private one and in its pixels."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, UltrasoundMultiFrameImageStorage, generate_uid

    frames = pictures(8)
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.file_meta.MediaStorageSOPClassUID = UltrasoundMultiFrameImageStorage
    header.SOPClassUID = UltrasoundMultiFrameImageStorage
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    header.StudyInstanceUID, header.SeriesInstanceUID = generate_uid(), generate_uid()
    for number, tag in enumerate(TAGS):
        setattr(header, tag, f"{SECRET}-{number}")
    header.private_block(0x0019, f"{SECRET}-creator", create=True).add_new(1, "LO", SECRET)
    header.Rows, header.Columns = frames.shape[1:]
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.PixelRepresentation, header.BitsAllocated = 0, 8
    header.BitsStored, header.HighBit = 8, 7
    header.NumberOfFrames, header.FrameTime = len(frames), "40"
    header.PixelData = frames.tobytes()
    header["PixelData"].VR = "OB"
    header.save_as(path, enforce_file_format=True)


def plant(place: Path) -> None:
    """Everything that the commands are given, under names that the caller types."""
    source = place / f"{OWN}-patient"
    source.mkdir()
    write_dicom(source / f"{OWN}-scan.dcm")
    whole = (source / f"{OWN}-scan.dcm").read_bytes()
    (source / f"{OWN}-cut.dcm").write_bytes(whole[: len(whole) // 2])
    (source / f"{OWN}-header.dcm").write_bytes(whole[:600])
    shutil.copy(TINY.parent / "sources" / "kills_gdcm.dcm", source / f"{OWN}-kills.dcm")
    (source / f"{OWN}-text.png").write_text(f"{SECRET}-no picture")
    stills = place / f"{OWN}-stills"
    stills.mkdir()
    for number, frame in enumerate(pictures(3)):
        cv2.imwrite(str(stills / f"{OWN}-{number}.png"), frame)
    for name in ("bundle", "other", "damaged", "unread"):
        shutil.copytree(TINY, place / f"{OWN}-{name}")
    shutil.copytree(TEXTURED, place / f"{OWN}-taught")
    write_pictures(place / f"{OWN}-stripes", stripes, range(12))
    write_pictures(place / f"{OWN}-speckle", speckle, range(40))
    with (place / f"{OWN}-damaged" / "graphs" / "fp32.onnx").open("ab") as graph:
        graph.write(SECRET.encode())
    (place / f"{OWN}-unread" / "manifest.json").write_text(f'{{"name": "{SECRET}-manifest"')

    _plant_recipe(place / f"{OWN}-recipe")


def _plant_recipe(folder: Path) -> None:
    """A recipe, and labelled frames of patients who have names."""
    frames = folder / f"{OWN}-frames"
    file = write_frames(frames)
    table = json.loads(file.read_text())
    for number, row in enumerate(table["frames"]):
        row["patient"] = f"{SECRET}-patient{number}"
        for kind in ("image", "mask"):
            row[kind] = (frames / row[kind]).rename(frames / f"{OWN}-{row[kind]}").name
    file.write_text(json.dumps(table))
    shutil.copy(TINY_RECIPE / "network.py", folder)
    recipe = (TINY_RECIPE / "recipe.toml").read_text()
    recipe = recipe.replace('"frames/frames.json"', f'"{frames.name}/frames.json"')
    (folder / f"{OWN}.toml").write_text(recipe.replace(', "openvino-fp32"', ""))


def hits(data: bytes, mark: str) -> int:
    """How often a string is in there, as text of 8 or 16 bits, in hexadecimal or base64."""
    raw = mark.encode()
    shifted = [base64.b64encode(b"\0" * n + raw)[4 * (n > 0) : -4] for n in range(3)]
    wide = mark.encode("utf-16-le")[:-1]  # in either order of bytes
    forms = [raw, wide, raw.hex().encode()]
    return sum(data.lower().count(form.lower()) for form in forms) + sum(
        data.count(form) for form in shifted
    )


def snapshot(place: Path) -> dict[Path, bytes]:
    """Every file, and its bytes."""
    return {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}


def written(before: dict[Path, bytes], after: dict[Path, bytes]) -> Iterator[tuple[Path, bytes]]:
    """Files that are new or changed; of JSON Lines what is left without `file`."""
    for path, data in after.items():
        if before.get(path) != data:
            yield path, _without_file(data) if path.suffix == ".jsonl" else data


def _without_file(data: bytes) -> bytes:
    lines = []
    for line in data.splitlines():
        values = json.loads(line)
        values.pop("file", None)
        lines.append(json.dumps(values))
    return "\n".join(lines).encode()
