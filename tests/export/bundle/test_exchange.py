from __future__ import annotations

import errno
from pathlib import Path

import pytest

from sonoedge_export.bundle.exchange import exchange, rename_new


def test_two_folders_change_places(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / "b").exists()
    assert (tmp_path / "b" / "a").exists()


def test_a_new_name_never_goes_over_another(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with pytest.raises(OSError) as refused:
        rename_new(tmp_path / "a", tmp_path / "b")
    assert refused.value.errno == errno.EEXIST
    rename_new(tmp_path / "a", tmp_path / "c")
    assert {p.name for p in tmp_path.iterdir()} == {"b", "c"}


def test_what_does_not_exist_cannot_change_places(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(FileNotFoundError):
        exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a").exists()
