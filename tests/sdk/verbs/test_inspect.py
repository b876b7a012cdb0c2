from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sonoedge.cli import main

TINY = Path(__file__).parent.parent.parent / "data" / "tiny"


def test_a_bundle_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(TINY)]) == 0
    said = capsys.readouterr().out
    for word in ("dark-spots-1-", "onnxruntime-fp32", "96 x 64", "every SHA-256 checked"):
        assert word in said


def test_a_bundle_is_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(TINY), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["hashes_checked"] == len(data["files"])
    assert data["variants"][0]["runtime"] == "onnxruntime"


def test_a_damaged_bundle_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = Path(shutil.copytree(TINY, tmp_path / "b"))
    (copy / "verification.json").write_text("{}")
    assert main(["inspect", str(copy)]) == 5
    assert "DIGEST_MISMATCH: verification.json" in capsys.readouterr().err
