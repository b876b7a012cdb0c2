from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drift_samples import analysed_frames
from sonoedge.drift.counts import Counts
from sonoedge.drift.report_file import read_report
from sonoedge.errors import InvalidData
from sonoedge.metrics import FrameTimes

COUNTED = "sonoedge_frames_without_region_total 7\n"


def screening(**changes: Any) -> dict[str, Any]:
    counts = Counts()
    counts.add_analysed(0.5, None, flagged=True)
    return {
        "schema": "sonoedge-screening-1",
        "recordings": 1,
        "identity": {"bundle_id": "b-1"},
        "counts": counts.plain(),
        **changes,
    }


def test_a_screening_and_its_folder_are_read(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(screening()))
    for path in (tmp_path, tmp_path / "report.json"):
        report = read_report(path)
        assert (report.recordings, report.bundle_id) == (1, "b-1")
        assert report.counts.flagged == 1


@pytest.mark.req("R74")
def test_a_devices_metrics_hold_the_same_counts_as_a_screening_would(tmp_path: Path) -> None:
    times, counts = FrameTimes(), Counts()
    for analysis in analysed_frames(200):
        times.add(analysis)
        counts.add(analysis)
    counts.add_not_analysed("BLACK")
    text = times.text() + 'sonoedge_frames_not_analysed_total{reason="BLACK"} 1\n'
    (tmp_path / "box.prom").write_text(text)
    report = read_report(tmp_path / "box.prom")
    assert report.counts.plain() == counts.plain()
    assert (report.recordings, report.bundle_id) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        json.dumps(screening(schema="other")),
        json.dumps(screening(recordings=-1)),
        json.dumps(screening(identity=None)),
        json.dumps(screening(counts={})),
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InvalidData):
        read_report(tmp_path / "a.json")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sonoedge_state 1\n",
        'sonoedge_frames_without_region_total 1\nsonoedge_frame_suspicion_bucket{le="0.5"} 3\n',
        *(
            f'{COUNTED}sonoedge_frames_not_analysed_total{{reason="BLACK"}} {value}\n'
            for value in ("NaN", "+Inf", "-1", "2.5", "1e400", "many")
        ),
        2 * COUNTED,
    ],
)
def test_metrics_without_these_counts_or_with_impossible_ones_are_refused(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "a.prom").write_text(text)
    with pytest.raises(InvalidData):
        read_report(tmp_path / "a.prom")


def test_a_gauge_that_is_not_known_hinders_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.prom").write_text(f"sonoedge_answer_age_seconds NaN\n{COUNTED}")
    assert read_report(tmp_path / "a.prom").counts.frames == 7


def test_a_report_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match=r"none\.json cannot be read"):
        read_report(tmp_path / "none.json")
