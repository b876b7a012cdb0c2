from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("highdicom", reason="needs the extra report")
import pydicom

from dicom_samples import discs, write_dicom
from report_samples import analysed, collection, refused, region_at
from sonoedge.errors import InvalidSource
from sonoedge.frames import Frame
from sonoedge.report.capture import Capture
from sonoedge.report.picture import draw_picture
from sonoedge.report.source import read_source
from validators import dciodvfy

Write = Callable[..., Path]
MAKER = "breast-1.0, onnxruntime fp32"


@pytest.mark.parametrize(("count", "fps"), [(5, 25.0), (5, None), (1, None)])
def test_the_validator_finds_nothing_and_every_picture_is_there(
    tmp_path: Path, written: Write, count: int, fps: float | None
) -> None:
    frames = discs(count)
    source = read_source(write_dicom(tmp_path / "a.dcm", frames))
    capture, taken = Capture(frames=count, maker=MAKER), collection(count)
    results = [refused(), *(analysed(region_at(60, 60, 0.9)) for _ in range(count - 1))]
    for number, (pixels, result) in enumerate(zip(frames, results, strict=True), 1):
        capture.add(number, Frame(pixels=pixels), result)
        taken.add(number, result)
    path = written(capture.instance(source, taken.findings(), fps))
    assert dciodvfy(path) == []
    read = pydicom.dcmread(path)
    assert (read.NumberOfFrames, read.BurnedInAnnotation) == (count, "YES")
    assert read.get("FrameTime") == (40.0 if fps else None)
    pixels = pydicom.pixel_array(read).reshape(count, read.Rows, read.Columns, 3)
    for number, (frame, result) in enumerate(zip(frames, results, strict=True), 1):
        drawn = draw_picture(Frame(pixels=frame), result, number=number, frames=count, maker=MAKER)
        assert np.abs(pixels[number - 1, ..., ::-1].astype(int) - drawn).mean() < 3


def test_a_viewer_renders_it(cine: Path, written: Write, tmp_path: Path) -> None:
    if shutil.which("dcmj2pnm") is None:
        pytest.skip("needs dcmj2pnm (Debian: dcmtk)")
    capture, taken = Capture(frames=30, maker=MAKER), collection(30)
    for number, pixels in enumerate(discs(30), 1):
        capture.add(number, Frame(pixels=pixels), analysed())
        taken.add(number, analysed())
    path = written(capture.instance(read_source(cine), taken.findings(), 25.0))
    out = tmp_path / "frame.ppm"
    subprocess.run(["dcmj2pnm", "--frame", "30", "--write-raw-pnm", path, out], check=True)
    shown = cv2.imread(str(out))
    assert shown.shape[1] >= 640
    assert shown[:480].mean() > 100


def test_pictures_of_different_shapes_are_refused() -> None:
    capture = Capture(frames=2, maker=MAKER)
    capture.add(1, Frame(pixels=np.zeros((120, 160), np.uint8)), analysed())
    with pytest.raises(InvalidSource, match="different shapes"):
        capture.add(2, Frame(pixels=np.zeros((240, 160), np.uint8)), analysed())


def test_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonoedge.report.capture.MOST_BYTES", 1000)
    with pytest.raises(InvalidSource, match="leave --overlay out"):
        Capture(frames=2, maker=MAKER).add(1, Frame(pixels=discs(1)[0]), analysed())
