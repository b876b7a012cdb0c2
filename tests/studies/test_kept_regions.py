"""Regions that are kept come back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn")

from head_samples import rows
from sonoedge_export.heads.regions import MeasuredFrames
from studies.kept_regions import COLUMNS, read_kept, write_kept


def test_every_column_of_every_set_comes_back(tmp_path: Path) -> None:
    kept = {
        (Path("/a/frames.json"), "val"): MeasuredFrames(
            regions=rows(5), frames=rows(3, seed=1), not_analysed=2
        ),
        (Path("/b/frames.json"), None): MeasuredFrames(
            regions=rows(1), frames=rows(2, seed=2), not_analysed=0
        ),
    }
    write_kept(tmp_path / "kept.npz", kept)
    read = read_kept(tmp_path / "kept.npz")
    assert list(read) == list(kept)
    for key, measured in kept.items():
        assert read[key].not_analysed == measured.not_analysed
        for part in ("regions", "frames"):
            before, after = getattr(measured, part), getattr(read[key], part)
            assert after.names == before.names
            for column in COLUMNS:
                assert getattr(after, column).tolist() == getattr(before, column).tolist()


def test_where_nothing_was_kept_there_is_nothing(tmp_path: Path) -> None:
    assert read_kept(tmp_path / "none.npz") == {}
