from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from c_build import onnxruntime
from studies.native_library import main

TINY = Path(__file__).resolve().parents[1] / "data/tiny"


def test_both_are_printed_over_the_same_frames(capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("needs gcc")
    onnxruntime()
    main([str(TINY), "--variant", "onnxruntime-fp32", "--frames", "8", "--rounds", "1"])
    c, python, memory = capsys.readouterr().out.splitlines()
    found = [re.search(r"p50 of (\d+) frames, (\d+) regions", line) for line in (c, python)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].groups() == found[1].groups()
    assert re.fullmatch(r"C: \d+\.\d MiB resident after the last frame", memory)
