from __future__ import annotations

import json
import shutil
from pathlib import Path

from archive_samples import DONE, FAILED
from sonoedge.archive.items import Item
from sonoedge.archive.parts import begin
from sonoedge.archive.report import write_report
from sonoedge.archive.summary import write_reference
from sonoedge.drift.counts import Counts


def test_the_table_fits_a_terminal_and_lists_what_failed(screened: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(screened, tmp_path / "out"))
    table = write_report(out)
    assert all(len(line) < 80 for line in table.splitlines())
    assert "items    8: CRASHED 1, DONE 5, SOURCE_ERROR 2" in table
    for name in FAILED:
        assert name in table
    assert "not compared" in table


def test_page_and_report_name_no_item_and_no_patient(screened: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(screened, tmp_path / "out"))
    write_report(out)
    for file in ("report.html", "report.json"):
        text = (out / file).read_text()
        for name in (*DONE, *FAILED, "Doe", "4711", "cut.dcm", str(tmp_path)):
            assert name not in text, (file, name)
    json.loads((out / "report.json").read_text())


def test_the_same_parts_give_the_same_report(screened: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(screened, tmp_path / "out"))
    write_report(out)
    first = [(out / name).read_bytes() for name in ("report.html", "report.json")]
    write_report(out)
    assert first == [(out / name).read_bytes() for name in ("report.html", "report.json")]


def test_a_long_name_of_many_scanners_still_fits(tmp_path: Path) -> None:
    out = tmp_path / "out"
    parts = begin(
        out, {"schema_version": 1, "bundle_id": "b", "variant": "v", "versions": {"numpy": "2"}}
    )
    counts = Counts()
    counts.add_analysed(0.7, None, flagged=True)
    write_reference(out, counts)
    for number in range(30):
        with parts.draft(Item(path=f"{'x' * 200}{number}.dcm"), "d", 1) as draft:
            draft.finish(
                {
                    "outcome": "DONE",
                    "detail": "",
                    "frames": 1,
                    "flag_raised": 1,
                    "flag_frames": 1,
                    "scanner": f"{'M' * 60}{number}",
                    "month": "2026-01",
                    "counts": counts.plain(),
                }
            )
    table = write_report(out)
    assert all(len(line) < 80 for line in table.splitlines())
    assert "and 10 more groups, in the page" in table
    assert (out / "report.html").read_text().count("MMMM") >= 30


def test_why_an_item_failed_is_told_to_the_end(screened: Path, tmp_path: Path) -> None:
    text = write_report(Path(shutil.copytree(screened, tmp_path / "out")))
    assert "does a player open it?" in " ".join(text.split())
    assert all(len(line) < 80 for line in text.splitlines())


def test_a_screening_that_was_stopped_does_not_read_as_the_whole(
    screened: Path, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(screened, tmp_path / "out"))
    stopped = "did not come to its end"
    assert stopped not in write_report(out) + (out / "report.html").read_text()
    status = json.loads((out / "status.json").read_text())
    for state in ("stopped", "running"):  # killed, it had no time to say so
        (out / "status.json").write_text(json.dumps(status | {"state": state}))
        assert stopped in write_report(out)
        assert stopped in (out / "report.html").read_text()
        assert json.loads((out / "report.json").read_text())["ended"] is False
