from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from studies.placement import main

TINY = Path(__file__).parents[1] / "data" / "tiny"


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core: nothing can be pinned")
def test_a_row_for_each_way_of_a_variant(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    words = ["--variant", "onnxruntime-fp32", "--rounds", "1", "--calls", "2", "--fps", "200"]
    assert main([str(TINY), *words]) == 0
    head, *rows, load = capsys.readouterr().out.splitlines()
    assert head.split() == ["variant", "threads", "back", "to", "back", "200", "fps", "ratio"] + [
        "cpu",
        "ms",
    ]
    ways = ["1 thread", "2 free", "2 pinned"]
    for way, row in zip(ways, rows, strict=True):
        assert re.fullmatch(
            rf"onnxruntime-fp32 +{way}( +[\d.]+ \([\d.]+\)){{2}} +[\d.]+ +[\d.]+", row
        )
    assert load.startswith("load before and after: ")
