"""The study fits as the recipe says, and prints every figure with its frames."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("openvino", reason="needs OpenVINO")
pytest.importorskip("sklearn", reason="needs scikit-learn")

from head_bundle import make_place
from studies.second_opinion import main


def test_a_second_run_reads_what_the_first_kept_and_prints_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = make_place(tmp_path)
    words = [str(place / "bundle"), str(place / "recipe.toml"), "--data-root", str(place)]
    words += ["--variants", "openvino-fp32", "--cache", str(place / "kept")]
    assert main([*words, "--json", str(place / "a.json")]) == 0
    first = capsys.readouterr().out
    for line in (
        "AUROC, malignant against benign",
        "out-of-fold gain",
        "openvino-fp32: probability",
    ):
        assert line in first
    assert main([*words, "--json", str(place / "b.json")]) == 0
    assert "regions of" not in capsys.readouterr().err
    a, b = (json.loads((place / name).read_text()) for name in ("a.json", "b.json"))
    assert a["tests"] == b["tests"]
    assert a["certainty"] == b["certainty"]
    assert a["heads"][0]["auroc"] == b["heads"][0]["auroc"]
    assert a["heads"][0]["auroc"]["fit"]["auroc"] > 0.9
