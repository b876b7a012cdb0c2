"""studies/audit_volume.py: what is counted is what is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studies import audit_volume
from studies.audit_volume import measure


def test_an_hour_is_sixty_minutes_of_records(tmp_path: Path) -> None:
    volume = measure(tmp_path, hours=1, flags_per_hour=6)
    assert volume.records == 61 * 4 + 6 + 1 + volume.seals  # the end is counted once more
    assert volume.seals == 1 + 6 + 1
    assert volume.syncs >= 30 - 6
    assert volume.log_bytes == sum(f.stat().st_size for f in (tmp_path / "log").glob("*.jsonl"))


def test_what_was_measured_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(tmp_path), "--hours", "0.1", "--json"]
    assert audit_volume.main(words) == 0
    assert json.loads(capsys.readouterr().out)["hours"] == 0.1
    (tmp_path / "again").mkdir()
    assert audit_volume.main([str(tmp_path / "again"), "--hours", "0.1"]) == 0
    assert "KiB/h" in capsys.readouterr().out
