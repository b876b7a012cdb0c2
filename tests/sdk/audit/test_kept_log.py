"""An audit log that an earlier version wrote still holds: docs/reference/compatibility.md."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sonoedge.cli import main

KEPT = Path(__file__).parents[2] / "data" / "documents" / "audit-1"


def test_a_kept_log_still_holds_and_an_edited_one_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(KEPT, tmp_path / "log")
    assert main(["audit", "verify", str(tmp_path / "log")]) == 0
    (file,) = (tmp_path / "log").glob("*.jsonl")
    data = file.read_bytes()
    assert data.count(b'"seq":3') == 1
    file.write_bytes(data.replace(b'"seq":3', b'"seq":4'))
    assert main(["audit", "verify", str(tmp_path / "log")]) == 3
    assert "AUDIT_BROKEN" in capsys.readouterr().err
