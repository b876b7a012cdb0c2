"""Frames are measured once, and no patient is on both sides."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from head_bundle import export
from sonoedge.errors import (
    InvalidData,
)


def test_patients_that_are_both_fitted_on_and_chosen_by_are_refused(
    place: Path, tmp_path: Path
) -> None:
    text = (place / "recipe.toml").read_text()
    file = shutil.copytree(place, tmp_path / "place") / "same.toml"
    file.write_text(text.replace('fit = { frames = ["fit/', 'fit = { frames = ["choose/'))
    with pytest.raises(InvalidData, match="60 patients are in fit and in choose"):
        export(file, tmp_path / "same")
    assert not (tmp_path / "same").exists()
