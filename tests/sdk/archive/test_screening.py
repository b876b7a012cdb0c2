"""A part holds what the device would have said, and nothing of the machine that made it."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import sonoedge
from archive_samples import TINY, job
from dicom_samples import discs, write_dicom
from sonoedge import EngineOptions, NotAnalysed, Reason
from sonoedge.archive import screening as module
from sonoedge.archive.items import Item, find_items
from sonoedge.archive.outcome import ItemOutcome
from sonoedge.archive.parts import Parts, begin
from sonoedge.archive.screening import Screener
from sonoedge.errors import EngineFailed, SourceError
from sonoedge.sources import open_source
from sonoedge.sources.child.reader import ChildReader


@pytest.fixture(scope="module")
def analyser() -> Any:
    with sonoedge.open(TINY, EngineOptions(variant="onnxruntime-fp32", threads=1)) as opened:
        yield opened


@pytest.fixture
def screener(archive: Path, tmp_path: Path, analyser: Any) -> Any:
    parts = begin(tmp_path / "out", {"schema_version": 1})
    with ChildReader() as reader:
        yield Screener(job(archive, tmp_path / "out"), parts, analyser, reader)


def lines_of(out: Path, item: Item) -> list[dict[str, Any]]:
    path = Parts(out, "").path(item.id)
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_clip_says_frame_by_frame_what_the_device_would_have(
    archive: Path, screened: Path, analyser: Any
) -> None:
    analyser.forget()
    live = [analyser.analyse(frame) for frame in open_source(archive / "clip.avi")]
    head, *frames, end = lines_of(screened, Item(path="clip.avi"))
    assert [f["flagged"] for f in frames] == [a.flagged for a in live]
    assert [f["temporal_flag"] for f in frames] == [a.temporal_flag for a in live]
    assert [f["suspicion"] for f in frames] == [a.suspicion for a in live]
    assert [f["recorded_ns"] for f in frames] == [n * 40_000_000 for n in range(20)]
    assert end["flag_frames"] == sum(a.temporal_flag for a in live) > 0
    assert head["file"] == end["file"] == "clip.avi"


def test_a_part_holds_nothing_of_the_machine_and_no_patient(screened: Path, archive: Path) -> None:
    for part in (screened / "parts").rglob("*.jsonl"):
        text = part.read_text()
        for word in ("age_ms", "stages_ms", "captured", "pid", "frame_path", str(archive), "Doe"):
            assert word not in text
        assert not re.search(r"\b4711\b", text)  # digests may hold these digits by chance
        details = [json.loads(line).get("detail", "") for line in text.splitlines()]
        assert not any("cut.dcm" in d or "text.mp4" in d for d in details)


def test_stills_have_no_tracks_and_follow_nothing(screened: Path) -> None:
    item = Item(path="more", pictures=("0.png", "1.png", "2.png"))
    _, *frames, end = lines_of(screened, item)
    assert end["stills"] is True
    assert [f["file"] for f in frames] == ["0.png", "1.png", "2.png"]
    assert all(f["temporal_flag"] is None for f in frames)
    assert {r["track_id"] for f in frames for r in f["regions"]} == {None}


def test_what_a_file_says_of_its_scanner_and_month_is_in_its_last_line(screened: Path) -> None:
    end = lines_of(screened, Item(path="more/speckle.dcm"))[-1]
    assert (end["scanner"], end["month"], end["frames"]) == ("Acme Pocket", "2026-02", 6)
    assert end["counts"]["histograms"]["suspicion"][0] == 6  # nothing was found


def test_files_of_one_study_say_so_by_a_digest(analyser: Any, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    uids = {
        "a.dcm": "1.2.826.0.47",
        "b.dcm": "1.2.826.0.47",
        "c.dcm": "1.2.826.0.48",
        "d.dcm": None,
    }
    for name, uid in uids.items():
        write_dicom(archive / name, discs(2), StudyInstanceUID=uid)
    parts = begin(tmp_path / "out", {"schema_version": 1})
    with ChildReader() as reader:
        screener = Screener(job(archive, tmp_path / "out"), parts, analyser, reader)
        for name in uids:
            screener.screen(Item(path=name))
    studies = {name: lines_of(tmp_path / "out", Item(path=name))[-1]["study"] for name in uids}
    assert studies["a.dcm"] == studies["b.dcm"] != studies["c.dcm"]
    assert studies["d.dcm"] is None
    assert all(re.fullmatch("[0-9a-f]{16}", studies[name]) for name in ("a.dcm", "c.dcm"))
    assert not any("1.2.826" in part.read_text() for part in (tmp_path / "out").rglob("*.jsonl"))


def test_a_part_of_the_same_bytes_is_kept_and_of_others_made_anew(
    tmp_path: Path, analyser: Any
) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (item,) = (Item(path="a.dcm"),)
    write_dicom(archive / "a.dcm", discs(3))
    parts = begin(tmp_path / "out", {"schema_version": 1})
    with ChildReader() as reader:
        screener = Screener(job(archive, tmp_path / "out"), parts, analyser, reader)
        assert not screener.screen(item).kept
        assert screener.screen(item).kept
        write_dicom(archive / "a.dcm", discs(4))
        assert screener.screen(item).frames == 4


def test_a_file_that_grows_while_it_is_read_is_changed_and_read_again_next_time(
    tmp_path: Path, analyser: Any
) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    path = write_dicom(archive / "a.dcm", discs(3))
    parts = begin(tmp_path / "out", {"schema_version": 1})

    def grow(sha256: str, size: int) -> None:
        with path.open("ab") as file:
            file.write(b"\0\0")

    with ChildReader() as reader:
        screener = Screener(job(archive, tmp_path / "out"), parts, analyser, reader)
        assert screener.screen(Item(path="a.dcm"), grow).outcome is ItemOutcome.CHANGED
        again = screener.screen(Item(path="a.dcm"))
    assert not again.kept
    assert again.outcome is not ItemOutcome.CHANGED


def test_an_item_that_is_gone_is_a_source_error(screener: Screener) -> None:
    done = screener.screen(Item(path="gone.dcm"))
    assert done.outcome is ItemOutcome.SOURCE_ERROR
    assert "No such file" in done.detail


@pytest.mark.parametrize("fault", ["stale", "no more files", "archive gone"])
def test_a_share_that_is_gone_costs_no_item_its_part(
    archive: Path, tmp_path: Path, analyser: Any, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    here = Path(shutil.copytree(archive, tmp_path / "archive"))
    item = Item(path="still.dcm")
    parts = begin(tmp_path / "out", {"schema_version": 1})
    with ChildReader() as reader:
        screener = Screener(job(here, tmp_path / "out"), parts, analyser, reader)
        assert screener.screen(item).outcome is ItemOutcome.DONE
        before = parts.path(item.id).read_bytes()
        if fault == "archive gone":
            here.rename(tmp_path / "elsewhere")
        else:
            number = errno.ESTALE if fault == "stale" else errno.EMFILE

            def failing(*args: object, **more: object) -> None:
                raise OSError(number, os.strerror(number))

            monkeypatch.setattr(module, "take", failing)
        with pytest.raises(SourceError, match="the archive cannot be read here"):
            screener.screen(item)
    assert parts.path(item.id).read_bytes() == before


def test_an_engine_that_does_not_answer_is_no_result_of_the_item(
    screener: Screener, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (item,) = find_items(archive, glob="cine.dcm")
    real = screener._analyser.analyse

    def failing(frame: Any) -> Any:
        done = real(frame)
        return NotAnalysed(
            frame_id=0,
            captured_ns=0,
            age_ms=0,
            stages_ms={},
            origin=done.origin,
            reasons=(Reason.ENGINE_FAILED,),
        )

    monkeypatch.setattr(screener._analyser, "analyse", failing)
    with pytest.raises(EngineFailed, match="ENGINE_FAILED"):
        screener.screen(item)
    assert not any((tmp_path / "out" / "parts").rglob("*.jsonl"))
