from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from studies.one_per_core import main

TINY = Path(__file__).parents[1] / "data" / "tiny"


def test_each_core_analyses_and_the_sum_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    assert main([str(TINY), "--variant", "onnxruntime-fp32", "--seconds", "0.3"]) == 0
    *rows, together = capsys.readouterr().out.splitlines()
    form = re.compile(r"core (\d+): (\d+) analysed a second, 0 not analysed")
    told = [form.fullmatch(row) for row in rows]
    assert [int(row[1]) for row in told if row] == sorted(os.sched_getaffinity(0))
    rates = [int(row[2]) for row in told if row]
    assert min(rates) > 0
    total = re.fullmatch(r"together: (\d+) frames a second", together)
    assert total is not None
    assert int(total[1]) == pytest.approx(sum(rates), abs=len(rates))


def test_a_bundle_that_cannot_be_opened_ends_all_of_them(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="BUNDLE_NOT_FOUND"):
        main([str(tmp_path), "--seconds", "0.1"])
