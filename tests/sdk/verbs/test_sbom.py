from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sonoedge.cli import main
from sonoedge.sbom import owners
from sonoedge.sbom.mapped import MappedFiles

DATA = Path(__file__).parents[2] / "data"
TINY = DATA / "tiny"


def test_a_bundles_own_list_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sbom", str(TINY)]) == 0
    assert capsys.readouterr().out.encode() == (TINY / "sbom.cdx.json").read_bytes()


def test_it_is_written_where_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sbom", str(TINY), "--out", str(tmp_path / "s.json")]) == 0
    assert (tmp_path / "s.json").read_bytes() == (TINY / "sbom.cdx.json").read_bytes()
    assert main(["sbom", str(TINY), "--out", str(tmp_path / "new" / "s.json")]) == 0
    assert main(["sbom", str(TINY), "--out", str(tmp_path / "s.json" / "in-a-file")]) == 2
    assert "OUTPUT_ERROR" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["x", "--device"],
        ["x", "--soup", "y"],
        ["x", "--bundle", "y"],
        ["x", "--cyclonedx", "1.7"],
        ["--device", "--runtime", "openvino"],
    ],
)
def test_words_that_do_not_go_together_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sbom", *words]) == 2
    assert "INVALID_SETTINGS" in capsys.readouterr().err


def test_a_bundle_from_before_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sbom", str(DATA / "bundles" / "schema-2")]) == 2
    assert "SBOM_NOT_FOUND" in capsys.readouterr().err


def test_a_device_lists_what_its_engine_loaded(tmp_path: Path) -> None:
    """In a process of its own: this one has loaded what the tests need."""
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    out = tmp_path / "device.json"
    done = subprocess.run(
        [sys.executable, "-m", "sonoedge", "sbom", "--device", "--bundle", str(TINY)]
        + ["--out", str(out), "--cyclonedx", "1.7"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "SOURCE_DATE_EPOCH": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(out.read_text())
    assert document["specVersion"] == "1.7"
    assert document["metadata"]["timestamp"] == "1970-01-01T00:00:00+00:00"
    by_name = {each["name"]: each for each in document["components"]}
    assert by_name["dark-spots"]["type"] == "machine-learning-model"
    mapped = [
        each["name"]
        for each in by_name["onnxruntime"]["components"]
        if {"name": "sonoedge:mapped", "value": "yes"} in each.get("properties", ())
    ]
    assert any("onnxruntime_pybind11_state" in name for name in mapped)
    assert {"openssl-libs"} & {e["name"] for e in by_name["opencv-python-headless"]["components"]}


def test_code_that_nobody_installed_is_an_error_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stray = tmp_path / "stray.so"
    stray.write_bytes(b"x")
    found = MappedFiles(paths=(stray,), removed=())
    monkeypatch.setattr("sonoedge.sbom.mapped.mapped_files", lambda: found)
    monkeypatch.setattr(owners, "DPKG", tmp_path)
    assert main(["sbom", "--device", "--out", str(tmp_path / "out.json")]) == 5
    assert "UNLISTED_LIBRARY" in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()


def test_an_odd_time_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = MappedFiles(paths=(), removed=())
    monkeypatch.setattr("sonoedge.sbom.mapped.mapped_files", lambda: found)
    for odd in ("x", "9" * 30):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", odd)
        assert main(["sbom", "--device"]) == 2
        assert "SOURCE_DATE_EPOCH" in capsys.readouterr().err
