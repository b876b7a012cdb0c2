from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.archive import summary as module
from sonoedge.archive.items import Item
from sonoedge.archive.outcome import ItemOutcome
from sonoedge.archive.parts import begin
from sonoedge.archive.rates import Tallies
from sonoedge.archive.summary import OTHERS, summarise, write_reference
from sonoedge.drift.counts import Counts
from sonoedge.errors import InvalidData


def test_a_screening_is_summed_up_by_outcome_scanner_and_month(screened: Path) -> None:
    summary = summarise(screened)
    assert summary.outcomes == {"DONE": 5, "SOURCE_ERROR": 2, "CRASHED": 1}
    assert summary.everything.counts.frames == 12 + 20 + 1 + 6 + 3
    assert summary.everything.items == len(summary.everything.studies) == 5
    assert set(summary.groups) == {
        ("Acme Pocket", "2026-01"),
        ("Acme Pocket", "2026-02"),
        ("not stated", "2026-01"),
        ("not stated", "not stated"),
    }
    assert sum(g.counts.frames for g in summary.groups.values()) == 42
    assert summary.flags["suspicious frames"].count == summary.everything.counts.flagged > 0
    assert {how for _, how, _ in summary.failed} == {"CRASHED", "SOURCE_ERROR"}
    assert summary.reference is None


def test_drift_is_told_from_the_bundles_counts(screened: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    parts = begin(out, {"schema_version": 1, "bundle_id": "b"})
    reference = Counts()
    for _ in range(500):
        reference.add_analysed(None, None, flagged=False)
    write_reference(out, reference)
    bright = Counts()
    for _ in range(10):
        bright.add_analysed(0.9, None, flagged=True)
    for number in range(60):
        with parts.draft(Item(path=f"{number}.dcm"), "d", 1) as draft:
            draft.finish(
                {
                    "outcome": "DONE",
                    "detail": "",
                    "frames": 10,
                    "flag_raised": 1,
                    "flag_frames": 10,
                    "scanner": "A",
                    "month": f"2026-0{number % 2 + 1}",
                    "counts": bright.plain(),
                }
            )
    summary = summarise(out)
    assert summary.everything.shifts["suspicion"].size == "large"
    report = json.loads(json.dumps(summary.report()))
    assert report["drift"]["suspicion"]["size"] == "large"
    assert [g["month"] for g in report["groups"]] == ["2026-01", "2026-02"]


def test_the_files_of_one_study_are_one_in_intervals_and_drift(tmp_path: Path) -> None:
    """Two studies of two files, and two files that state none."""
    parts = begin(tmp_path / "out", {"schema_version": 1})
    for number, study in enumerate(["s", "t", None, "t", "s", None]):
        counts = Counts()
        for _ in range(10):
            counts.add_analysed(0.9, None, flagged=study == "s")
        with parts.draft(Item(path=f"{number}.dcm"), "d", 1) as draft:
            draft.finish(
                {
                    "outcome": "DONE",
                    "detail": "",
                    "frames": 10,
                    "flag_raised": 0,
                    "flag_frames": 0,
                    "scanner": "A",
                    "month": "2026-01",
                    "study": study,
                    "counts": counts.plain(),
                }
            )
    summary = summarise(tmp_path / "out")
    assert (summary.everything.items, len(summary.everything.studies)) == (6, 4)
    assert summary.report()["recordings"] == 4
    rates = Tallies()
    for study, (frames, flagged) in enumerate([(20, 20), (20, 0), (10, 0), (10, 0)]):
        rates.add(study, frames, {"suspicious frames": flagged})
    wanted = rates.rates()["suspicious frames"]
    found = summary.flags["suspicious frames"]
    assert (found.count, found.per_1000) == (wanted.count, wanted.per_1000)
    assert (found.ci95 is None) == (wanted.ci95 is None)


def test_groups_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_GROUPS", 2)
    out = tmp_path / "out"
    parts = begin(out, {"schema_version": 1})
    for number in range(5):
        with parts.draft(Item(path=f"{number}.dcm"), "d", 1) as draft:
            counts = Counts()
            counts.add_analysed(None, None, flagged=False)
            draft.finish(
                {
                    "outcome": "DONE",
                    "detail": "",
                    "frames": 1,
                    "flag_raised": 0,
                    "flag_frames": 0,
                    "scanner": f"scanner {number}",
                    "month": None,
                    "counts": counts.plain(),
                }
            )
    groups = summarise(out).groups
    assert len(groups) == 3
    assert groups[OTHERS, OTHERS].items == 3


def test_a_folder_that_holds_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match="holds no screening"):
        summarise(tmp_path)


def test_items_without_frames_count_as_items_alone(tmp_path: Path) -> None:
    parts = begin(tmp_path / "out", {"schema_version": 1})
    parts.failed(Item(path="a.dcm"), ItemOutcome.TIMEOUT, "too long", None, None)
    summary = summarise(tmp_path / "out")
    assert (summary.outcomes, summary.everything.items) == ({"TIMEOUT": 1}, 0)
    assert summary.flags == {}


@pytest.mark.parametrize(
    "damage",
    [
        lambda end: end[:-20],
        lambda end: end.replace('"outcome"', '"other"'),
        lambda end: end.replace('"frames":', '"frames":-'),
        lambda end: end.replace('"run":"', '"run":"0'),
    ],
)
def test_a_part_that_is_damaged_is_never_left_out_in_silence(
    screened: Path, tmp_path: Path, damage: Callable[[str], str]
) -> None:
    out = Path(shutil.copytree(screened, tmp_path / "out"))
    item = Item(path="clip.avi").id
    part = out / "parts" / item[:2] / f"{item}.jsonl"
    *lines, end = part.read_text().splitlines(keepends=True)
    part.write_text("".join(lines) + damage(end))
    with pytest.raises(InvalidData, match=f"{item}.jsonl is damaged"):
        summarise(out)
