from __future__ import annotations

import re
from pathlib import Path

import pytest

from studies.recording_cost import main


def test_both_kinds_of_session_are_measured(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    words = ["--rounds", "1", "--frames", "30", "--runtime", "onnxruntime"]
    assert main([str(repository / "tests/data/tiny"), *words]) == 0
    printed = capsys.readouterr().out
    without, recorded, ratio = printed.splitlines()
    assert re.match(r"no recording +\d+ results   age ms p50 \d", without)
    assert re.match(r"recording, [1-9]\d* clips +\d+ results", recorded)
    assert re.match(r"with / without: age p50 x \d", ratio)
