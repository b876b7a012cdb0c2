from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive_samples import TINY
from drift_samples import analysed_frames
from sonoedge.bundle import read_bundle
from sonoedge.drift.counts import Counts
from sonoedge.errors import DriftFound, InvalidData, InvalidSettings
from sonoedge.metrics import FrameTimes
from sonoedge.verbs.drift import drift

BUNDLE_ID = read_bundle(TINY).manifest.bundle_id


def box(path: Path, *, brighter: float = 0.0, seed: int = 0) -> Path:
    """The metrics of a device, whose pictures are so many levels brighter."""
    times = FrameTimes()
    for analysis in analysed_frames(3000, brighter=brighter, seed=seed):
        times.add(analysis)
    path.write_text(times.text())
    return path


def screening(path: Path, bundle_id: str = BUNDLE_ID) -> Path:
    counts = Counts()
    for analysis in analysed_frames(3000, seed=1):
        counts.add(analysis)
    values = {"schema": "sonoedge-screening-1", "recordings": 300, "counts": counts.plain()}
    path.write_text(json.dumps(values | {"identity": {"bundle_id": bundle_id}}))
    return path


@pytest.mark.req("R74")
def test_a_box_whose_pictures_became_brighter_stands_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = box(tmp_path / "old.prom"), box(tmp_path / "new.prom", brighter=40)
    against = ["--against", str(screening(tmp_path / "a.json"))]
    assert drift([str(old), str(new), *against, "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert {s["size"] for s in first["drift"].values()} == {"stable"}
    assert second["drift"]["grey_mean"]["size"] == "large"
    assert second["drift"]["suspicion"]["size"] == "stable"
    assert drift([str(old), *against, "--fail-on", "moderate"]) == 0
    with pytest.raises(DriftFound, match=r"1 of 2 reports .*: new\.prom") as found:
        drift([str(old), str(new), *against, "--fail-on", "large"])
    assert found.value.exit_code == 3


def test_the_table_fits_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = screening(tmp_path / f"{'x' * 100}.json")
    assert drift([str(report), "--against", str(box(tmp_path / "b.prom"))]) == 0
    assert all(len(line) < 80 for line in capsys.readouterr().out.splitlines())


def test_a_bundle_without_statistics_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match=r"holds no statistics .*--against"):
        drift([str(screening(tmp_path / "a.json")), "--bundle", str(TINY)])


def test_a_report_of_another_bundle_is_not_compared(tmp_path: Path) -> None:
    report = screening(tmp_path / "a.json", bundle_id="other-1")
    with pytest.raises(InvalidData, match="is of other-1"):
        drift([str(report), "--bundle", str(TINY)])


def test_a_box_that_counted_nothing_does_not_read_as_stable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "idle.prom").write_text(FrameTimes().text())
    assert drift([str(tmp_path / "idle.prom"), "--against", str(box(tmp_path / "b.prom"))]) == 0
    told = capsys.readouterr().out
    assert "nothing was counted" in told
    assert "0.00" not in told


def test_two_bundles_reports_are_not_compared_with_each_other(tmp_path: Path) -> None:
    first, other = screening(tmp_path / "a.json"), screening(tmp_path / "b.json", "other-1")
    with pytest.raises(InvalidData, match=f"is of other-1, and not of {BUNDLE_ID}"):
        drift([str(other), "--against", str(first)])


def test_one_reference_is_asked_for(tmp_path: Path) -> None:
    report = str(screening(tmp_path / "a.json"))
    for more in ([], ["--bundle", "b", "--against", report]):
        with pytest.raises(InvalidSettings, match="give --bundle"):
            drift([report, *more])
