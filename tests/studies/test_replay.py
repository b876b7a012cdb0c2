from __future__ import annotations

import re
from pathlib import Path

import pytest

from studies.replay import main


def test_a_short_recording_is_the_same_in_two_processes(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    words = ["--frames", "100", "--runtime", "onnxruntime", "--threads", "1"]
    assert main([str(repository / "tests/data/tiny"), *words]) == 0
    printed = capsys.readouterr().out
    counts = re.findall(r"process \d: (\d+) of (\d+) answers bit-identical", printed)
    assert len(counts) == 2
    assert {a == b for a, b in counts} == {True}
    assert int(counts[0][0]) > 90
