from __future__ import annotations

import re
from pathlib import Path

import pytest

from studies.isolation_cost import main

TINY = Path(__file__).parents[1] / "data" / "tiny"


def test_a_row_for_each_isolation_and_their_difference(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    words = ["--variant", "onnxruntime-fp32", "--frames", "3", "--fps", "100"]
    assert main([str(TINY), *words]) == 0
    thread, process, difference, echo = capsys.readouterr().out.splitlines()
    for name, row in (("thread", thread), ("process", process)):
        assert re.match(rf"{name} +around p50 [\d.]+ p99 [\d.]+, submit p50 [\d.]+ p99.9", row)
        assert row.endswith("; 3 frames")
    assert re.fullmatch(r"a process above a thread: [+-][\d.]+ ms", difference)
    assert re.fullmatch(r"a byte to a process and back: p50 [\d.]+ p99 [\d.]+", echo)
