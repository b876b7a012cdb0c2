from __future__ import annotations

import json
from pathlib import Path

import pytest

from faults.scenario import make_bundle
from sonoedge.bundle import read_bundle
from sonoedge.cli import main
from sonoedge.store.layout import Layout
from sonoedge.store.state import read_state


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    make_bundle(tmp_path / "bundle", "1")
    return tmp_path


def test_a_bundle_is_installed_and_tested_and_what_runs_stays(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["install", "bundle", "--store", "S"]) == 0
    name = read_bundle("bundle").manifest_sha256
    first, second, _ = capsys.readouterr().out.splitlines()
    assert first == f"installed {name}"
    assert second.startswith("self-test passed: golden frames as verified; 50 frames, p50 ")
    assert read_state(Layout(root=place / "S")).active is None


def test_with_activate_it_runs_on_trial(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "bundle", "--store", "S", "--activate", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    state = read_state(Layout(root=place / "S"))
    assert report["sha256"] == state.active == state.trial
    assert report["bundle_id"] == read_bundle("bundle").manifest.bundle_id
    assert report["self_test"]["runtime"] == "onnxruntime"


def test_the_engine_that_will_run_is_the_one_that_is_tested(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("openvino", reason="needs OpenVINO")
    assert main(["install", "bundle", "--store", "S", "--runtime", "openvino", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["self_test"]["variant"] == "openvino-fp32"
    assert main(["install", "bundle", "--store", "S", "--variant", "none"]) == 2


def test_a_bundle_that_is_too_slow_is_installed_and_does_not_run(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--store", "S", "--activate", "--max-ms", "0.000001"]
    assert main(["install", "bundle", *words]) == 3
    assert "GATE_FAILED: the bundle is too slow here" in capsys.readouterr().err
    state = read_state(Layout(root=place / "S"))
    assert (state.active, list(state.tries.values())) == (None, [1])


def test_what_cannot_be_installed_says_why(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "bundle/notes.txt").touch()
    assert main(["install", "bundle", "--store", "S"]) == 5
    assert "UNSAFE_CONTENT: the manifest does not name 'notes.txt'" in capsys.readouterr().err
    assert main(["install", "nowhere", "--store", "S"]) == 5
    assert main(["install", str(place), "--store", "S", "--memory-mib", "1"]) == 2
