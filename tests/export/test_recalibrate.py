"""Thresholds of certainty from a user's own frames."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sonoedge
from head_bundle import frame
from sonoedge import Analysed, EngineOptions
from sonoedge.certainty import CalibratedOn, Certainty
from sonoedge.cli import main
from sonoedge.description import Described
from sonoedge.errors import (
    InvalidSettings,
)


def test_thresholds_of_ones_own_frames_count_for_this_bundle_alone(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames, file = place / "fit/frames.json", tmp_path / "own.json"
    words = ["recalibrate", str(place / "bundle"), "--data", str(frames), "--out", str(file)]
    words += ["--variant", "onnxruntime-fp32"]
    assert main(words) == 0
    assert "30 malignant, 30 benign" in capsys.readouterr().out
    engine = EngineOptions(variant="onnxruntime-fp32")
    own = json.loads(file.read_text())["certainty"]
    with sonoedge.open(place / "bundle", engine, tracking=False, certainty=file) as analyser:
        shown = frame(place, "choose/f1.png")
        analysis = analyser.analyse(shown)
        assert isinstance(analysis, Analysed)
        description = analyser.describe(shown, analysis.regions[0])
        assert isinstance(description, Described)
        assert description.certainty == Certainty(
            alpha=0.1,
            benign_up_to=own["benign_up_to"],
            malignant_from=own["malignant_from"],
            calibrated_on=CalibratedOn(**own["calibrated_on"]),
        ).answer(analysis.regions[0].suspicion)
    with pytest.raises(InvalidSettings, match="was calibrated with onnxruntime-fp32 of"):
        sonoedge.open(place / "bundle", EngineOptions(variant="openvino-fp32"), certainty=file)
    file.write_text("{}")
    with pytest.raises(InvalidSettings, match=r"own\.json is no recalibration"):
        sonoedge.open(place / "bundle", engine, certainty=file)
