from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sonoedge import cli as sonoedge_cli
from sonoedge.errors import BundleNotFound
from sonoedge_bench.reliability import cli
from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.figures import Figure


@pytest.fixture
def tiny(repository: Path) -> str:
    """A bundle with a real network."""
    return str(repository / "tests" / "data" / "tiny")


def test_parts_that_are_asked_for_run_and_are_told_and_written(
    tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    if not hasattr(os, "memfd_create"):
        pytest.skip("a worker process needs Linux")
    file = tmp_path / "out" / "reliability.json"
    code = cli.reliability(
        [tiny, "--quick", "--only", "submit", "conservation", "orphans", "--json", str(file)]
    )
    assert code == 0
    output = capsys.readouterr().out
    assert "submit, p99.9" in output
    data = json.loads(file.read_text())
    assert set(data["parts"]) == {"submit", "conservation", "orphans"}
    assert data["quick"] is True
    assert data["machine"]["cpu"] is None or data["machine"]["cpu"]
    result = {f["name"]: f for part in data["parts"].values() for f in part}
    assert result["moments at which they did not add up"]["met"] is True
    assert result["workers alive 2 s later"]["value"] == 0
    assert result["left in shared memory"]["value"] == 0
    assert len(result["submit, p50"]["samples"]) == 300


def test_a_limit_that_is_not_kept_is_an_exit_code_only_where_asked_for(
    tiny: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missed(context: Context) -> list[Figure]:
        return [Figure(name="kept", value=1, limit=1), Figure(name="missed", value=2, limit=1)]

    monkeypatch.setattr(cli, "PARTS", {"submit": missed})
    assert sonoedge_cli.main(["reliability", tiny]) == 0
    assert "NO" in capsys.readouterr().out
    assert sonoedge_cli.main(["reliability", tiny, "--strict"]) == 3
    assert "1 limits are not kept: missed" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_measured(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measured(context: Context) -> list[Figure]:
        raise AssertionError

    monkeypatch.setattr(cli, "PARTS", {"submit": measured})
    (tmp_path / "file").touch()
    out = str(tmp_path / "file" / "out" / "r.json")
    assert sonoedge_cli.main(["reliability", tiny, "--json", out]) == 2
    assert "OUTPUT_ERROR: --json cannot be written" in capsys.readouterr().err


def test_a_bundle_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleNotFound):
        cli.reliability([str(tmp_path)])
