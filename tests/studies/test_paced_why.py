from __future__ import annotations

import json
from pathlib import Path

import pytest

from studies.paced_why import COLUMNS, CONDITIONS, main

TINY = Path(__file__).parent.parent / "data/tiny"
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


def test_every_call_is_made_under_every_condition(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.json"
    words = ["--variant", "onnxruntime-fp32", "--threads", "2", "--fps", "50"]
    words += ["--calls", "2", "--rounds", "1", "--json", str(kept)]
    assert main([str(TINY), *words]) == 0
    output = json.loads(kept.read_text())
    assert tuple(output["columns"]) == COLUMNS
    calls = {row["call"] for row in output["rows"]}
    assert {"onnxruntime-fp32, 2 threads", "onnxruntime-fp32, 2 threads, spinning"} < calls
    assert {(row["call"], row["condition"]) for row in output["rows"]} == {
        (call, condition) for call in calls for condition in CONDITIONS
    }
    assert {len(row["samples"]) for row in output["rows"]} == {2}  # the warm-up is not kept
    assert min(ms for row in output["rows"] for ms, *_ in row["samples"]) > 0
    table = capsys.readouterr().out.splitlines()
    assert len(table) == 1 + len(output["rows"])
