from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from conformance.pictures import speckle, with_discs
from sonoedge import TrackingSettings
from studies.flag.choose import Goal, candidates, main, quiet, sensitive
from studies.flag.tally import Tally

TINY = Path(__file__).parents[2] / "data" / "tiny"
GOAL = Goal()


def row(flagged: int, false: int, delay_s: float = 0.2) -> Tally:
    return Tally(
        clips=20, positive=20, delays_s=[delay_s] * flagged, false_rises=false, unwanted_s=60.0
    )


def test_the_fewest_false_flags_among_those_that_flag_enough_are_chosen() -> None:
    one, two, three, four = (TrackingSettings(gap_ms=n) for n in (1.0, 2.0, 3.0, 4.0))
    tried = [(one, row(20, 9)), (two, row(19, 5)), (three, row(18, 1)), (four, row(20, 2, 0.9))]
    assert sensitive(tried, GOAL) is two
    assert sensitive(tried[2:3], GOAL) is three  # the best there is
    assert quiet(tried, GOAL) is four
    assert quiet(tried[:2], GOAL) is None


def test_every_candidate_can_be_a_recipes() -> None:
    settings = list(candidates(0.085))
    assert len({repr(each) for each in settings}) == len(settings) > 100
    assert min(each.raise_threshold or 0 for each in settings) == 0.085


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two stills with a disc, and a sweep of two without one, in each split."""
    rows = []
    for number, (split, label) in enumerate(
        (split, label)
        for split in ("val", "test")
        for label in ("malignant", "benign", "normal", "normal")
    ):
        discs = () if label == "normal" else ((650, 500, 200, 10),)
        picture = with_discs(speckle(number, 120, 160), *discs)
        mask = with_discs(np.zeros((120, 160), np.uint8), *((*disc[:3], 255) for disc in discs))
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
        cv2.imwrite(str(tmp_path / f"{number}_mask.png"), mask)
        rows.append(
            {
                "image": f"{number}.png", "mask": f"{number}_mask.png", "label": label,
                "split": split, "patient": "p",
            }
        )  # fmt: skip
    (tmp_path / "frames.json").write_text(json.dumps({"frames": rows}))
    return tmp_path


def test_one_command_chooses_and_judges_and_asks_the_network_once(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    words = [str(TINY), str(folder), "--most", "1", "--kept", str(tmp_path / "kept")]
    assert main([*words, "--variant", "onnxruntime-fp32"]) == 0
    printed = capsys.readouterr().out
    (kept,) = (tmp_path / "kept").iterdir()
    answers = kept.read_bytes()
    assert len(answers.splitlines()) == 6  # a pan of each kind and a sweep, in each split
    assert "| all pans: 2 | evidence | " in printed
    assert f"{folder.name}, normal sweeps: 1" in printed
    assert "[tracking.evidence]\nraise_log_odds = " in printed
    kept.write_bytes(answers[:-100])  # as a run leaves it that was cut off
    assert main([*words, "--variant", "onnxruntime-fp32"]) == 0
    assert capsys.readouterr().out == printed
    assert kept.read_bytes() == answers


def test_a_folder_without_stills_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    assert main([str(TINY), str(tmp_path), "--kept", str(tmp_path / "kept")]) != 0
    assert "frames.json" in capsys.readouterr().err
