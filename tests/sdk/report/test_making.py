from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

hd = pytest.importorskip("highdicom", reason="needs the extra report")
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
import pydicom  # noqa: E402

from dicom_samples import discs, region, speckle, write_dicom  # noqa: E402
from report_samples import analysed, collection, refused, region_at  # noqa: E402
from sonoedge import cli  # noqa: E402
from sonoedge.errors import (  # noqa: E402
    InvalidSource,
    OutputError,
    SignatureMissing,
    SourceError,
)
from sonoedge.frames import Frame  # noqa: E402
from sonoedge.report import making  # noqa: E402
from sonoedge.report.making import make_report  # noqa: E402
from sonoedge.report.request import Request  # noqa: E402
from sonoedge.terminal.termination import Terminated  # noqa: E402
from sonoedge.trust.policy import TrustPolicy  # noqa: E402

TINY = Path(__file__).parents[2] / "data" / "tiny"
REAL = Path(__file__).parents[4] / "shared" / "data" / "dicom"
ALL: dict[str, Any] = {"seg": True, "overlay": True, "fhir": True}


def request(source: Path, out: Path, **changes: Any) -> Request:
    return Request(**({"bundle": str(TINY), "source": source, "out": out} | ALL | changes))


def test_everything_that_was_asked_for_is_made_in_the_sources_study(
    cine: Path, tmp_path: Path
) -> None:
    made = make_report(request(cine, tmp_path / "out"))
    names = ["overlay.dcm", "report.fhir.json", "seg.dcm", "sr.dcm"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == names
    source = pydicom.dcmread(cine)
    for name, uid in made.files:
        if uid is None:
            continue
        read = pydicom.dcmread(tmp_path / "out" / name)
        assert read.SOPInstanceUID == uid
        assert read.StudyInstanceUID == source.StudyInstanceUID
        assert read.SeriesInstanceUID != source.SeriesInstanceUID
        assert read.PatientID == "PATIENT-4711"
    (finding,) = made.findings.findings
    assert finding.confirmed
    assert len(finding.outlines) == 30
    assert made.findings.summary.value == "111242"


@pytest.mark.req("R54")
def test_the_same_file_gives_the_same_findings_however_slow_the_machine_is(
    cine: Path, tmp_path: Path
) -> None:
    pauses = iter([0.0] * 10 + [1.2] + [0.0] * 19)
    slow = make_report(
        request(cine, tmp_path / "slow"), lambda done, count: time.sleep(next(pauses))
    )
    fast = make_report(request(cine, tmp_path / "fast"))
    for a, b in zip(slow.findings.findings, fast.findings.findings, strict=True):
        assert (a.frame, a.suspicion, a.confirmed) == (b.frame, b.suspicion, b.confirmed)
        assert all(
            np.array_equal(x.contour_px, y.contour_px)
            for x, y in zip(a.outlines, b.outlines, strict=True)
        )


@pytest.mark.req("R54")
def test_a_picture_that_stands_still_is_frozen_by_the_recordings_clock(tmp_path: Path) -> None:
    frames = np.repeat(discs(1), 45, axis=0)
    source = write_dicom(tmp_path / "a.dcm", frames, FrameTime="33.333")
    made = make_report(request(source, tmp_path / "out"))
    assert (made.findings.analysed, made.findings.reasons) == (16, {"FRAME_FROZEN": 29})
    assert made.findings.summary.value == "111244"


@pytest.mark.req("R54")
def test_nothing_found_and_nothing_analysed_are_two_things(tmp_path: Path) -> None:
    clean = write_dicom(tmp_path / "a.dcm", speckle(3))
    black = write_dicom(tmp_path / "b.dcm", np.zeros((3, 120, 160), np.uint8))
    partly = write_dicom(
        tmp_path / "c.dcm", np.concatenate([speckle(2), np.zeros((1, 120, 160), np.uint8)])
    )
    summaries = [
        make_report(request(path, tmp_path / path.stem)).findings.summary.value
        for path in (clean, black, partly)
    ]
    assert summaries == ["111241", "111245", "111243"]
    assert not (tmp_path / "a" / "seg.dcm").exists()


@pytest.mark.req("R54")
def test_a_bundle_that_the_device_does_not_trust_makes_no_report(
    cine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cryptography", reason="signatures need cryptography")
    from sonoedge.trust.keyring import Keyring
    from sonoedge.trust.keyring_changes import key_row
    from sonoedge.trust.signing import generate_key_pair

    row = key_row(generate_key_pair(tmp_path / "key"))
    keyring = Keyring(version=1, root_threshold=1, root=(row,), release_threshold=1, release=(row,))
    strict = TrustPolicy(keyring=keyring)
    monkeypatch.setattr("sonoedge.engines.open.read_policy", lambda: strict)
    monkeypatch.setattr("sonoedge.bundle.bundle.read_policy", lambda: strict)
    with pytest.raises(SignatureMissing):
        make_report(request(cine, tmp_path / "out"))
    with pytest.raises(SignatureMissing):
        make_report(request(cine, tmp_path / "out", jsonl=tmp_path / "absent.jsonl"))
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_cut_leaves_nothing_behind(cine: Path, tmp_path: Path) -> None:
    cine.write_bytes(cine.read_bytes()[:-40_000])
    before = set(tmp_path.iterdir())
    with pytest.raises(SourceError):
        make_report(request(cine, tmp_path / "out"))
    assert set(tmp_path.iterdir()) == before


@pytest.mark.req("R54")
@pytest.mark.parametrize("stop", [KeyboardInterrupt, Terminated])
def test_a_report_that_is_interrupted_leaves_nothing_behind(
    cine: Path, tmp_path: Path, stop: type[BaseException]
) -> None:
    def interrupt(done: int, count: int) -> None:
        raise stop

    before = set(tmp_path.iterdir())
    with pytest.raises(stop):
        make_report(request(cine, tmp_path / "out"), interrupt)
    assert set(tmp_path.iterdir()) == before


def test_a_file_that_changes_while_it_is_read_is_refused(cine: Path, tmp_path: Path) -> None:
    def change(done: int, count: int) -> None:
        if done == count:
            cine.write_bytes(cine.read_bytes() + b"\0\0")

    with pytest.raises(InvalidSource, match="changed while it was read"):
        make_report(request(cine, tmp_path / "out"), change)
    assert not (tmp_path / "out").exists()


def test_a_folder_in_use_is_refused_before_anything_is_analysed(cine: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").touch()
    with pytest.raises(OutputError):
        make_report(request(cine, tmp_path / "out"), lambda done, count: pytest.fail("analysed"))


def test_a_run_that_was_made_before_gives_the_same_report(cine: Path, tmp_path: Path) -> None:
    assert (
        cli.main(["run", str(TINY), str(cine), "--realtime", "--jsonl", str(tmp_path / "a.jsonl")])
        == 0
    )
    read = make_report(request(cine, tmp_path / "read", jsonl=tmp_path / "a.jsonl"))
    made = make_report(request(cine, tmp_path / "made"))
    for a, b in zip(read.findings.findings, made.findings.findings, strict=True):
        assert (a.frame, a.suspicion, a.confirmed, a.area_mm2, a.axes_mm) == (
            *(b.frame, b.suspicion, b.confirmed, b.area_mm2, b.axes_mm),
        )
    pixels = [pydicom.dcmread(tmp_path / n / "overlay.dcm").PixelData for n in ("read", "made")]
    assert pixels[0] == pixels[1]


@pytest.mark.req("R56")
def test_pictures_are_blanked_outside_of_the_region_or_not_made(tmp_path: Path) -> None:
    frames = discs(3)
    frames[:, :12] = 255
    trusted = write_dicom(
        tmp_path / "a.dcm", frames, SequenceOfUltrasoundRegions=[region(0, 12, 159, 119)]
    )
    make_report(request(trusted, tmp_path / "out", blank=True))
    pixels = pydicom.pixel_array(tmp_path / "out" / "overlay.dcm")
    assert pixels[:, :40].max() < 16
    wrong = write_dicom(
        tmp_path / "b.dcm", frames, SequenceOfUltrasoundRegions=[region(0, 12, 300, 119)]
    )
    with pytest.raises(InvalidSource, match="no tissue region that can be trusted"):
        make_report(request(wrong, tmp_path / "none", blank=True))
    assert not (tmp_path / "none").exists()


def test_real_files_have_reports_or_one_typed_refusal(tmp_path: Path) -> None:
    if not REAL.is_dir():
        pytest.skip("needs the shared ultrasound files")
    from validators import dciodvfy

    refused_files = ("color-pl", "color-px")
    paths = sorted(REAL.glob("*.dcm"))
    assert len(paths) == 10
    for path in paths:
        out = tmp_path / path.stem
        if path.stem in refused_files:
            with pytest.raises(InvalidSource, match="retired ultrasound class"):
                make_report(request(path, out))
            continue
        make_report(request(path, out))
        for file in out.glob("*.dcm"):
            assert dciodvfy(file) == [], file
        assert json.loads((out / "report.fhir.json").read_text())["type"] == "collection"


def test_building_all_four_outputs_of_a_long_cine_is_quick_and_bounded(tmp_path: Path) -> None:
    """300 frames of 640 x 480, 80 tracks of which 64 are reported; the analysis is not counted."""
    frames = np.zeros((300, 480, 640), np.uint8)
    source = making.read_source(write_dicom(tmp_path / "a.dcm", frames))
    taken = collection(300)
    capture = making.Capture(frames=300, maker="breast-1.0")
    picture = np.random.default_rng(0).integers(0, 200, (480, 640), dtype=np.uint8)
    begin = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    for frame in range(1, 301):
        first = frame * 80 // 301
        regions = [
            region_at(100 + 70 * k, 200, 0.5 + first / 200, track_id=first + k)
            for k in range(2)
            if first + k < 80
        ]
        result = analysed(*regions) if frame % 30 else refused()
        taken.add(frame, result, (0.2, 0.2))
        capture.add(frame, Frame(pixels=picture), result)
    findings = taken.findings()
    files, notes = making._files(
        request(tmp_path / "a.dcm", tmp_path / "out"), source, findings, capture, 25.0
    )
    spent_s = resource.getrusage(resource.RUSAGE_SELF).ru_utime - begin
    print(
        f"all four outputs: {spent_s:.2f} s of processor time; "
        + ", ".join(f"{n} {len(d)} bytes" for n, d, _ in files)
    )
    sizes = {name: len(data) for name, data, _ in files}
    assert (len(findings.findings), findings.left_out, notes) == (64, 16, ())
    assert "16 suspicious regions more than the 64 reported" in findings.comment
    assert sizes["sr.dcm"] < 300_000


def test_a_missing_extra_is_named_with_its_command() -> None:
    """In a process of its own: modules that are imported twice are two modules."""
    program = "import sys; sys.modules['highdicom'] = None; import sonoedge.report.making"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    assert re.search(r"MissingDependency: .*pip install .*report", done.stderr)
