"""Archives for tests: small recordings of every kind, and what should not be in one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from dicom_samples import discs, speckle, write_dicom
from effort import NIGHTLY
from sonoedge.archive.job import Job
from sonoedge.archive.run import Request

TINY = Path(__file__).parent / "data" / "tiny"
KILLER = Path(__file__).parent / "data" / "sources" / "kills_gdcm.dcm"
DONE = {"cine.dcm", "clip.avi", "still.dcm", "more/speckle.dcm", "more/[0:3]"}
# A hospital's: enough that workers are killed amid them.
CLIPS, CINES, STUDIES = (18, 10, 66) if NIGHTLY else (6, 4, 28)
HOSPITAL = {"CRASHED": 1, "DONE": CLIPS + CINES + STUDIES, "SOURCE_ERROR": 3}
FAILED = {"kills.dcm": "CRASHED", "text.mp4": "SOURCE_ERROR", "more/cut.dcm": "SOURCE_ERROR"}


def write_clip(path: Path, frames: np.ndarray, fps: float = 25.0) -> Path:
    """A video of grey frames, uint8 (N, H, W)."""
    height, width = frames.shape[1:]
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (width, height), isColor=True
    )
    for frame in frames:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


def write_archive(folder: Path) -> Path:
    """Five items that are done, three that fail, and files of other kinds."""
    more = folder / "more"
    more.mkdir(parents=True)
    maker: dict[str, Any] = {"Manufacturer": "Acme", "ManufacturerModelName": "Pocket"}
    write_dicom(folder / "cine.dcm", discs(12), **maker)
    write_dicom(folder / "still.dcm", discs(1))
    write_dicom(more / "speckle.dcm", speckle(6), StudyDate="20260215", **maker)
    write_clip(folder / "clip.avi", discs(20))
    for number, frame in enumerate(discs(3)):
        cv2.imwrite(str(more / f"{number}.png"), frame)
    shutil.copy(KILLER, folder / "kills.dcm")
    (folder / "text.mp4").write_text("no video")
    (more / "cut.dcm").write_bytes((folder / "cine.dcm").read_bytes()[:3_000])
    (folder / "notes.txt").write_text("nothing that is read")
    return folder


def write_hospital(folder: Path) -> Path:
    """42 items: 6 clips, 4 cines, 28 folders of 8 pictures, and four that cannot be read.

    Of those one is empty, one cut off, one text, and one kills the process that decodes it.
    `make nightly` has 98: 18 clips, 10 cines, 66 folders.
    """
    folder.mkdir(parents=True)
    for number in range(CLIPS):
        frames = discs(20, without=(3,) if number % 3 == 0 else ())
        frames[:, 0, 0] = number
        write_clip(folder / f"clip{number:02d}.avi", frames)
    for number in range(CINES):
        frames = discs(12)
        frames[:, 0, 0] = number
        study = f"1.2.3.{number // 2}"  # of two files each
        write_dicom(folder / f"cine{number}.dcm", frames, StudyInstanceUID=study)
    for number in range(STUDIES):
        (folder / f"study{number:02d}").mkdir()
        for picture, frame in enumerate(discs(8) if number % 2 else speckle(8)):
            frame[0, 0] = number
            cv2.imwrite(str(folder / f"study{number:02d}" / f"{picture}.png"), frame)
    (folder / "empty.mp4").touch()
    (folder / "cut.avi").write_bytes((folder / "clip00.avi").read_bytes()[:3_000])
    (folder / "text.mp4").write_text("no video")
    shutil.copy(KILLER, folder / "kills.dcm")
    return folder


def write_many(folder: Path, count: int, frames: int = 12) -> Path:
    """So many DICOM files, no two alike."""
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = discs(frames)
        pixels[:, 0, 0] = number % 256
        write_dicom(folder / f"{number:04d}.dcm", pixels)
    return folder


def job(archive: Path, out: Path, **changes: Any) -> Job:
    """A job with the tiny bundle on ONNX Runtime."""
    values = {
        "archive": str(archive),
        "out": str(out),
        "bundle": str(TINY),
        "variant": "onnxruntime-fp32",
    }
    return Job(**{**values, **changes})


def request(archive: Path, out: Path, *, workers: int = 1, **changes: Any) -> Request:
    """A request of this machine's processes."""
    of_job = {k: changes.pop(k) for k in ("limit_s", "follow", "retry_failed") if k in changes}
    return Request(job=job(archive, out, **of_job), workers=workers, **changes)


def parts_of(out: Path) -> dict[str, bytes]:
    """Every file below a screening's `parts`, by its path there."""
    root = out / "parts"
    return {
        os.fsdecode(p.relative_to(root)): p.read_bytes()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }
