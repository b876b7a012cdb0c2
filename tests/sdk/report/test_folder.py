from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.errors import OutputError
from sonoedge.report.folder import check_free, write_folder


def test_all_files_are_there(tmp_path: Path) -> None:
    write_folder(tmp_path / "in" / "out", {"a": b"1", "b": b"2"})
    assert {p.name: p.read_bytes() for p in (tmp_path / "in" / "out").iterdir()} == {
        "a": b"1",
        "b": b"2",
    }
    assert [p.name for p in (tmp_path / "in").iterdir()] == ["out"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_folder(tmp_path / "out", {"a": b"1"})
    assert (tmp_path / "out" / "a").exists()


def test_the_folder_where_one_stands_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    write_folder(Path(), {"a": b"1"})
    assert (tmp_path / "here" / "a").read_bytes() == b"1"


@pytest.mark.parametrize("kind", ["full", "file", "link"])
def test_what_is_there_already_is_left_alone(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "full":
        out.mkdir()
        (out / "old").write_text("kept")
    elif kind == "file":
        out.write_text("kept")
    else:
        out.symlink_to(tmp_path)
    with pytest.raises(OutputError, match="is there already"):
        check_free(out)
    with pytest.raises(OutputError, match="is there already"):
        write_folder(out, {"a": b"1"})
    assert not (out / "a").exists()


@pytest.mark.req("R54")
def test_what_fails_in_the_middle_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sonoedge.report.folder as module

    real = module.write_durably

    def fails(file: Path, data: bytes, mode: int) -> None:
        if file.name == "b":
            raise OSError(28, "No space left on device")
        real(file, data, mode)

    monkeypatch.setattr(module, "write_durably", fails)
    with pytest.raises(OutputError, match="No space left"):
        write_folder(tmp_path / "out", {"a": b"1", "b": b"2"})
    assert list(tmp_path.iterdir()) == []
