"""A clip's files: whole or not there, and in the forms that the reference says."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sample_recordings.moments import ORIGIN, analysed, moment, refused, region
from sample_recordings.session import TINY
from sonoedge import Reason
from sonoedge.bundle import read_bundle
from sonoedge.recording import read_recording, writing
from sonoedge.recording.clip import Clip
from sonoedge.recording.description import Description
from sonoedge.recording.place import Place
from sonoedge.recording.trigger import Trigger
from sonoedge.recording.writing import write_clip

STALE = refused(Reason.STALE, "812 ms old, of Doe^Jane")
MOMENTS = (
    moment(0.1, analysed(region(0.25))),
    moment(0.2),
    moment(0.3, analysed(region()), result=STALE),
    moment(0.4, None, result=refused(Reason.PAUSED)),
    moment(0.5, refused(Reason.NO_CONTACT, "by Doe^Jane")),
)


def clip(**changes: Any) -> Clip:
    trigger = Trigger(kind="fault", reason="ENGINE_CRASHED", at_ns=300_000_000)
    whole = Clip(
        triggers=(trigger,),
        moments=MOMENTS,
        engine_number=1,
        memories={},
        states=(),
        cut="",
        out_of_step=0,
    )
    return replace(whole, **changes)


def write(folder: Path, given: Clip, **options: Any) -> str:
    bundle = read_bundle(TINY)
    description = Description(
        bundle.manifest,
        bundle.manifest_sha256,
        threads=None,
        roi=None,
        guard=None,
        tracking=True,
        max_age_ms=150.0,
        deadline_ms=500.0,
    )
    description.engine(ORIGIN)
    place = Place(folder, 1 << 30)
    try:
        return write_clip(
            place,
            given,
            {"main": 0},
            description.recorded_engine(),
            description.recorded_settings(),
            **options,
        )
    finally:
        place.close()


def test_results_are_what_was_told_and_late_answers_stand_apart(tmp_path: Path) -> None:
    name = write(tmp_path, clip())
    assert name == "000001-fault"
    folder = tmp_path / name
    results = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    assert [(r["frame"], r["outcome"], r["reasons"]) for r in results] == [
        (100, "analysed", []),
        (300, "not_analysed", ["STALE"]),
        (400, "not_analysed", ["PAUSED"]),
        (500, "not_analysed", ["NO_CONTACT"]),
    ]
    (late,) = [json.loads(line) for line in (folder / "answers.jsonl").read_text().splitlines()]
    assert (late["frame"], late["outcome"], late["flagged"]) == (300, "analysed", True)
    read = read_recording(folder)
    assert set(read.answers) == {100, 300, 500}
    assert read.answers[300].flagged
    for file in folder.rglob("*.json*"):
        assert b"Jane" not in file.read_bytes()


def test_pictures_are_there_for_frames_that_an_engine_got_alone(tmp_path: Path) -> None:
    name = write(tmp_path, clip())
    pictures = sorted(p.name for p in (tmp_path / name / "pictures").iterdir())
    assert pictures == ["000000100.png", "000000300.png", "000000500.png"]


@pytest.mark.parametrize("at", range(8))
def test_a_write_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    calls = 0
    real = writing.write_durably

    def fail(*args: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > at:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(*args)

    monkeypatch.setattr(writing, "write_durably", fail)
    if at == 7:  # three pictures, three files of lines, the document
        assert write(tmp_path, clip()) == "000001-fault"
        return
    with pytest.raises(OSError, match="No space"):
        write(tmp_path, clip())
    assert [p.name for p in tmp_path.rglob("*")] == ["incoming"]


def test_it_rests_after_each_picture(tmp_path: Path) -> None:
    rests: list[float] = []
    write(tmp_path, clip(), rest=rests.append)
    assert len(rests) == 3
    assert min(rests) >= 0
