"""sonoedge recalibrate."""

from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.cli import main
from sonoedge.errors import InvalidData


@pytest.mark.req("R88")
def test_too_few_frames_of_ones_own_are_refused_and_nothing_is_written(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames, file = place / "fit/frames.json", tmp_path / "own.json"
    words = ["recalibrate", str(place / "bundle"), "--data", str(frames), "--out", str(file)]
    assert main([*words, "--alpha", "0.01"]) == InvalidData.exit_code
    assert "alpha 0.01 needs 99 patients of each class" in capsys.readouterr().err
    assert not file.exists()


@pytest.mark.parametrize("under", ["there.json", "there.json/own.json"])
def test_a_file_that_is_there_stays_and_is_an_error_of_ours(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], under: str
) -> None:
    (tmp_path / "there.json").write_text("mine")
    words = ["recalibrate", str(place / "bundle"), "--data", str(place / "fit/frames.json")]
    assert main([*words, "--alpha", "0.5", "--out", str(tmp_path / under)]) == 2
    assert "OUTPUT_ERROR: " in capsys.readouterr().err
    assert (tmp_path / "there.json").read_text() == "mine"


def test_what_is_printed_fits_80_columns(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["recalibrate", str(place / "bundle"), "--data", str(place / "fit/frames.json")]
    assert main([*words, "--alpha", "0.5", "--out", str(tmp_path / "own.json")]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80
