from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pydicom", reason="needs the extra dicom")
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

from archive_samples import TINY, write_many
from sonoedge.errors import BundleNotFound, InvalidSettings, ItemsFailed, ScreeningStopped
from sonoedge.verbs.screen import screen


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_many(tmp_path / "archive", 2, frames=3)


def words(archive: Path, out: Path, *more: str) -> list[str]:
    return [str(archive), "--bundle", str(TINY), "--out", str(out), "--workers", "1", *more]


def test_an_archive_is_screened_reported_on_and_reported_on_again(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert screen(words(archive, out)) == 0
    first = capsys.readouterr()
    assert "items    2: DONE 2" in first.out
    assert "2 items; 6 frames" in first.err
    assert screen(["--report", str(out)]) == 0
    assert capsys.readouterr().out == first.out
    assert screen(words(archive, out)) == 0
    assert "2 of them from before; 0 frames" in capsys.readouterr().err


def test_items_that_fail_end_it_with_their_own_error_after_the_report(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (archive / "text.mp4").write_text("no video")
    with pytest.raises(ItemsFailed, match="1 of 3 items failed") as failed:
        screen(words(archive, tmp_path / "out"))
    assert failed.value.exit_code == 3
    assert "text.mp4" in capsys.readouterr().out
    assert (tmp_path / "out" / "report.html").is_file()


def test_a_folder_that_cannot_be_listed_is_told_and_is_no_success(
    archive: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (archive / "closed").mkdir()
    scandir = os.scandir

    def refusing(path: Path) -> Any:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(ItemsFailed, match="1 folders or files cannot be looked at"):
        screen(words(archive, tmp_path / "out"))
    told = "left out 1 x folder that cannot be listed"
    assert told in capsys.readouterr().out
    assert screen(["--report", str(tmp_path / "out")]) == 0
    assert told in capsys.readouterr().out
    assert "1 x folder that cannot be listed" in (tmp_path / "out" / "report.html").read_text()


def test_a_full_disk_is_no_mistake_in_the_command(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sonoedge.archive.report.replace_durably", full)
    for asked in (words(archive, tmp_path / "out"), ["--report", str(tmp_path / "out")]):
        with pytest.raises(ScreeningStopped, match="the report cannot be written: No space"):
            screen(asked)


def test_an_out_that_is_a_file_is_a_mistake(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    for out in (tmp_path / "out", tmp_path / "out" / "below"):
        with pytest.raises(InvalidSettings, match="is no folder"):
            screen(words(archive, out))


def test_a_bundle_that_is_none_is_named_as_it_was_given_and_nothing_is_begun(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleNotFound) as error:
        screen([str(archive), "--bundle", "nowhere", "--out", "out"])
    assert "'nowhere'" in str(error.value)
    assert str(tmp_path) not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_a_report_can_have_its_table_of_frames_later(archive: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs the extra parquet")
    out = tmp_path / "out"
    assert screen(words(archive, out)) == 0
    assert screen(["--report", str(out), "--parquet"]) == 0
    assert (out / "frames.parquet").is_file()


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ((), "--report DIR alone"),
        (("a", "--report", "b"), "give it alone"),
        (("--report", "b", "--retry-failed"), "give it alone"),
        (("--report", "b", "--workers", "2"), "give it alone"),
        (("a", "--bundle", "b"), "--report DIR alone"),
        (("a", "--bundle", "b", "--out", "o", "--limit-s", "0"), "--limit-s"),
        (("a", "--bundle", "b", "--out", "o", "--limit-s", "nan"), "--limit-s"),
        (("a", "--bundle", "b", "--out", "o", "--workers", "0"), "--workers"),
        (("a", "--bundle", "b", "--out", "o", "--tls", "t"), "--tls goes with"),
        (
            ("a", "--bundle", "b", "--out", "o", "--workers", "2", "--scheduler", "tcp://x"),
            "a cluster brings its own",
        ),
        (("a", "--bundle", "store:x", "--out", "o"), "a store changes"),
        (("a", "--bundle", "b", "--out", "a/out"), "lies in the archive"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    asked: tuple[str, ...], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidSettings, match=why):
        screen(asked)
    assert list(tmp_path.iterdir()) == []
