from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from studies import guard_rates
from studies.guard_rates import STOPPED, labelled, main, rate
from studies.simulated import MUST_STOP


def echoes(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.uniform(10, 160, (12, 16)), (320, 240))
    return np.asarray(coarse * rng.uniform(0.7, 1.3, coarse.shape), dtype=np.uint8)


def write(folder: Path, pictures: list[np.ndarray]) -> Path:
    folder.mkdir()
    rows = []
    for number, pixels in enumerate(pictures):
        cv2.imwrite(str(folder / f"{number}.png"), pixels)
        rows.append({"image": f"{number}.png", "split": "test" if number % 2 else "train"})
    (folder / "frames.json").write_text(json.dumps({"frames": rows}))
    return folder


@pytest.mark.req("R9")
@pytest.mark.parametrize("name", list(MUST_STOP))
def test_simulated_pictures_are_stopped_as_often_as_they_must(name: str) -> None:
    rng = np.random.default_rng(11)
    result = rate(name, (MUST_STOP[name](rng) for _ in range(60)), minimum=STOPPED[name])
    assert result.met, result


def test_a_rate_is_kept_only_within_its_bounds() -> None:
    pictures = [echoes(0), echoes(1), echoes(2), np.zeros((240, 320), np.uint8)]
    assert rate("a", pictures).reasons == {"CONSTANT": 1}
    assert rate("a", pictures, maximum=0.25).met
    assert not rate("a", pictures, maximum=0.2).met
    assert rate("a", pictures, minimum=0.25).met
    assert not rate("a", pictures, minimum=0.3).met
    assert not rate("nothing", [], maximum=0.5).met


def test_the_command_prints_a_line_per_split_and_fails_where_a_rate_is_missed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write(tmp_path / "good", [echoes(i) for i in range(4)])
    assert main([str(good), "--simulated", "3"]) == 0
    out = capsys.readouterr().out
    assert "good, test" in out
    assert "MISSED" not in out
    bad = write(tmp_path / "bad", [echoes(0), np.zeros((240, 320), np.uint8)])
    assert main([str(bad), "--simulated", "3"]) == guard_rates.GATE_FAILED
    assert "CONSTANT 1  MISSED" in capsys.readouterr().out


def test_a_folder_without_labels_is_an_error_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert "INVALID_DATA" in capsys.readouterr().err


def test_frames_are_counted_by_split_and_are_one_set_without(
    repository: Path, tmp_path: Path
) -> None:
    files = labelled(repository / "examples/data/breast_usg")
    assert {split: len(pictures) for split, pictures in files.items()} == {
        "calibration": 16,
        "test": 32,
    }
    (tmp_path / "frames.json").write_text('{"frames": [{"image": "a.png"}, {"image": "b.png"}]}')
    assert labelled(tmp_path) == {"all": [tmp_path / "a.png", tmp_path / "b.png"]}


def test_real_frames_keep_the_limits(development_data: Path) -> None:
    folder = development_data / "breast_usg"
    assert main([str(folder), "--simulated", "5"]) == 0
