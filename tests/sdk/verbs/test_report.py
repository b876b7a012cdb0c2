from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("highdicom", reason="needs the extra report")
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

from dicom_samples import RETIRED, discs, speckle, write_dicom
from sonoedge import cli
from sonoedge.terminal.termination import Terminated

TINY = str(Path(__file__).parents[2] / "data" / "tiny")


def report(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = cli.main(["report", TINY, *map(str, words)])
    done = capsys.readouterr()
    return code, done.out, done.err


def test_what_was_found_and_made_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_dicom(tmp_path / "a.dcm", discs(12))
    code, out, err = report(capsys, source, "--out", tmp_path / "out", "--seg", "--fhir")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "111242 All algorithms succeeded; with findings"
    assert "region 1, confirmed over frames: suspicion 0." in out
    assert [line.split("  ")[0] for line in lines[-3:]] == [
        str(tmp_path / "out" / name) for name in ("sr.dcm", "seg.dcm", "report.fhir.json")
    ]
    assert "variant onnxruntime-fp32" in err
    assert "Doe" not in out + err
    assert "PATIENT-4711" not in out + err


def test_nothing_found_has_no_segmentation_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_dicom(tmp_path / "a.dcm", speckle(3))
    code, out, _ = report(capsys, source, "--out", tmp_path / "out", "--seg")
    assert code == 0
    assert "111241 All algorithms succeeded; without findings" in out
    assert "no seg.dcm: no region" in out


@pytest.mark.req("R54")
def test_nothing_analysed_is_a_report_that_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_dicom(tmp_path / "a.dcm", discs(2, without=(0, 1)))
    code, out, _ = report(capsys, source, "--out", tmp_path / "out", "--seg")
    assert code == 0
    assert out.startswith("111245 No algorithms succeeded")
    assert "2 of 2 frames not analysed: CONSTANT 2" in out
    assert "no seg.dcm: nothing was analysed" in out
    assert "no region" not in out


def test_one_that_is_ended_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*args: object) -> None:
        raise Terminated

    monkeypatch.setattr("sonoedge.report.making.make_report", end)
    done, _, err = report(
        capsys, write_dicom(tmp_path / "a.dcm", discs(1)), "--out", tmp_path / "o"
    )
    assert (done, err) == (143, "terminated\n")


@pytest.mark.parametrize(
    ("changes", "words", "code", "said"),
    [
        ({"SOPClassUID": RETIRED}, (), 2, "INVALID_SOURCE"),
        ({}, ("--sr", "none"), 2, "INVALID_SETTINGS"),
        ({}, ("--overlay", "--blank-outside-region"), 2, "INVALID_SOURCE"),
        ({}, ("--jsonl", "absent.jsonl"), 2, "INVALID_DATA"),
        ({}, ("--variant", "none"), 2, "VARIANT_NOT_FOUND"),
        ({"PhotometricInterpretation": None}, (), 6, "SOURCE_ERROR"),
    ],
)
def test_bad_input_has_its_token_its_code_and_leaves_nothing(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, object],
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    source = write_dicom(tmp_path / "a.dcm", discs(2), **changes)
    if code == 6:
        source.write_bytes(source.read_bytes()[:-30_000])
    before = set(tmp_path.iterdir())
    done, _, err = report(capsys, source, "--out", tmp_path / "out", *words)
    assert (done, said in err) == (code, True), err
    assert err.count("\n") == 1 or "variant" in err
    assert set(tmp_path.iterdir()) == before
