from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pydicom", reason="needs the extra dicom")
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

from archive_samples import TINY, write_many
from sonoedge.errors import InvalidSettings, ItemsFailed
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


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ((), "--report DIR alone"),
        (("a", "--report", "b"), "give it alone"),
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
