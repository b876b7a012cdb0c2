from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from report_samples import analysed
from sonoedge.errors import OutputError
from sonoedge.outputs.jsonl import JsonLines
from sonoedge.verbs.live_lines import LiveLines


def test_outcomes_are_written_under_the_sources_name(tmp_path: Path) -> None:
    with JsonLines(tmp_path / "a.jsonl") as jsonl:
        lines = LiveLines(jsonl, "igtl")
        lines.add(analysed())
        lines.add(analysed())
        lines.check()
    rows = [json.loads(row) for row in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [row["file"] for row in rows] == ["igtl", "igtl"]


def test_a_full_disk_is_an_error_of_the_runs_thread_and_of_each_look() -> None:
    with JsonLines("/dev/full") as jsonl:
        lines = LiveLines(jsonl, "igtl")
        lines.check()
        lines.add(analysed())  # never raises: it is called within a session
        lines.add(analysed())
        for _ in range(2):
            with pytest.raises(OutputError, match="No space left"):
                lines.check()


def test_a_reader_that_has_gone_is_told_from_a_full_disk(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with JsonLines(tmp_path / "pipe") as jsonl:
        lines = LiveLines(jsonl, "igtl")
        os.close(reader)
        lines.add(analysed())
        with pytest.raises(BrokenPipeError):
            lines.check()
