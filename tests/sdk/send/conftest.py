"""Shared by the tests of sending: a folder of a report's instances."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dicom_samples import discs, write_dicom


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A source and all that is made of it, of one study."""
    pytest.importorskip("highdicom", reason="needs the extra report")
    from report_samples import analysed, collection, region_at
    from sonoedge.frames import Frame
    from sonoedge.report import seg
    from sonoedge.report.capture import Capture
    from sonoedge.report.source import read_source
    from sonoedge.report.sr import structured_report

    out = tmp_path / "reports"
    out.mkdir()
    frames = discs(3)
    source = read_source(write_dicom(out / "source.dcm", frames))
    capture, taken = Capture(frames=3, maker="breast-1.0"), collection(3)
    for number, pixels in enumerate(frames, 1):
        result = analysed(region_at(60, 60, 0.9))
        capture.add(number, Frame(pixels=pixels), result)
        taken.add(number, result)
    findings = taken.findings()
    masks = seg.masks_of(findings, rows=120, columns=160)
    for name, made in (
        ("sr", structured_report(source, findings)),
        ("seg", seg.segmentation(source, findings, masks)),
        ("overlay", capture.instance(source, findings, 25.0)),
    ):
        made.save_as(out / f"{name}.dcm", enforce_file_format=True)
    (out / "report.fhir.json").write_text("{}")
    return out


@pytest.fixture
def one(folder: Path) -> Path:
    """A folder of one instance."""
    (folder.parent / "one").mkdir()
    shutil.copy(folder / "sr.dcm", folder.parent / "one")
    return folder.parent / "one"
