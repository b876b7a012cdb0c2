"""sonoedge recalibrate."""

from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.cli import main
from sonoedge.errors import (
    InvalidData,
)


@pytest.mark.req("R88")
def test_too_few_frames_of_ones_own_are_refused_and_nothing_is_written(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames, file = place / "fit/frames.json", tmp_path / "own.json"
    words = ["recalibrate", str(place / "bundle"), "--data", str(frames), "--out", str(file)]
    assert main([*words, "--alpha", "0.01"]) == InvalidData.exit_code
    assert "alpha 0.01 needs 99 patients of each class" in capsys.readouterr().err
    assert not file.exists()
