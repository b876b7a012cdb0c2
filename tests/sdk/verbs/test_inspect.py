from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from conformance.vectors import gathering_bundle
from sonoedge.bundle.identity import manifest_text
from sonoedge.cli import main

TINY = Path(__file__).parent.parent.parent / "data" / "tiny"


def test_a_bundle_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(TINY)]) == 0
    said = capsys.readouterr().out
    for word in ("dark-spots-1-", "onnxruntime-fp32", "96 x 64", "every SHA-256 checked"):
        assert word in said
    assert "gates           fp32_map_levels 1, fp32_probs 0.0001" in said
    assert "undecided report" in said


def test_what_the_recipe_claims_is_told_apart_from_what_was_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    point = json.loads((TINY / "manifest.json").read_text())["operating_point"]
    assert main(["inspect", str(TINY)]) == 0
    lines = capsys.readouterr().out.splitlines()
    (claim,) = [line for line in lines if point["chosen_on"] in line]
    (measured,) = [line for line in lines if "measured " in line]
    assert f'as the recipe states, not checked: "{point["chosen_on"]}"' in claim
    assert measured.strip().startswith(f"measured      on {point['measured_on']}: sensitivity")


def test_the_rule_of_the_temporal_flag_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(TINY)]) == 0
    assert "temporal flag   5 votes in 8 frames, kept by 3\n" in capsys.readouterr().out
    assert main(["inspect", str(gathering_bundle(tmp_path / "bundle"))]) == 0
    said = capsys.readouterr().out
    assert "temporal flag   evidence of 4 log-odds, kept down to 1.5, halved in 400 ms\n" in said


def test_agreement_is_in_percent(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(TINY)]) == 0
    (row,) = [x for x in capsys.readouterr().out.splitlines() if "onnxruntime-fp32  " in x]
    assert row.endswith(" 100.0%")


def test_a_bundle_is_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(TINY), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["digests_checked"] == len(data["files"])
    assert data["variants"][0]["runtime"] == "onnxruntime"
    assert data["gates"]["dice_drop"] == 0.005


def test_a_bundle_with_gates_that_break_a_rule_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = Path(shutil.copytree(TINY, tmp_path / "b"))
    data = json.loads((copy / "manifest.json").read_text())
    data["gates"]["dice_drop"] = 1.01
    (copy / "manifest.json").write_text(json.dumps(data))
    assert main(["inspect", str(copy)]) == 5
    assert "INVALID_MANIFEST: manifest.json: gates: dice_drop" in capsys.readouterr().err


def test_a_damaged_bundle_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = Path(shutil.copytree(TINY, tmp_path / "b"))
    (copy / "verification.json").write_text("{}")
    assert main(["inspect", str(copy)]) == 5
    assert "DIGEST_MISMATCH: verification.json" in capsys.readouterr().err


def test_a_bundle_is_told_against_an_older_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older = tmp_path / "older"
    shutil.copytree(TINY, older)
    data = json.loads((older / "manifest.json").read_text())
    data["guard"]["black_level"] = 10
    (older / "manifest.json").write_text(manifest_text(data))
    assert main(["inspect", str(TINY), "--against", str(older)]) == 0
    text = capsys.readouterr().out
    assert "guard.black_level: 10 -> 20 (+10)" in text
    assert "weights         unchanged" in text
    assert main(["inspect", str(TINY), "--against", str(older), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["modified"] == ["guard"]


def test_a_damaged_older_bundle_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older = tmp_path / "older"
    shutil.copytree(TINY, older)
    (older / "graphs" / "fp32.onnx").write_bytes(b"other")
    assert main(["inspect", str(TINY), "--against", str(older)]) == 5
    assert "DIGEST_MISMATCH" in capsys.readouterr().err
