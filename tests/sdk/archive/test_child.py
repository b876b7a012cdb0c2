"""What decoders print goes to standard error, and never among the answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive_samples import job, write_many
from sonoedge.archive.item_process import ItemProcess
from sonoedge.archive.items import Item
from sonoedge.archive.outcome import ItemOutcome
from sonoedge.archive.parts import begin
from sonoedge.errors import ScreeningStopped
from sonoedge.late_edges import LATE_EDGES


def test_standard_output_is_anybodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: Path
) -> None:
    """A library that prints whenever it is imported, as some decoders do."""
    (tmp_path / "noisy_child.py").write_text(
        "import os\n"
        'os.write(1, b\'a line\\n{"is": "done"}\\n\')\n'
        "from sonoedge.archive.child import main\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    edges = dict(LATE_EDGES) | {"archive item": "noisy_child:main"}
    monkeypatch.setattr("sonoedge.child_process.LATE_EDGES", edges)
    archive = write_many(tmp_path / "archive", 1, frames=2)
    with ItemProcess(job(archive, tmp_path / "out"), None) as process:
        begin(tmp_path / "out", process.ready())
        assert process.screen(Item(path="0000.dcm")).outcome is ItemOutcome.DONE


def test_a_package_that_is_missing_is_the_machines_and_never_an_items(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pydicom.py").write_text(
        "raise ModuleNotFoundError('No module named pydicom', name='pydicom')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    archive = write_many(tmp_path / "archive", 1, frames=2)
    with ItemProcess(job(archive, tmp_path / "out"), None) as process:
        begin(tmp_path / "out", process.ready())
        with pytest.raises(ScreeningStopped, match="MISSING_DEPENDENCY"):
            process.screen(Item(path="0000.dcm"))
    assert not any((tmp_path / "out" / "parts").rglob("*.jsonl"))
