from __future__ import annotations

import re
from pathlib import Path

import pytest

from sonoedge import native
from studies.native_analyse import main

TINY = Path(__file__).parents[1] / "data" / "tiny"


@pytest.mark.skipif(not native.FILE.is_file(), reason="needs `make native`")
def test_both_paths_are_printed_for_grey_and_colour(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    main([str(TINY), "--frames", "4"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["grey", "colour"]
    assert all(re.search(r"Python +\d+ us   native +\d+ us +\d+\.\d times", x) for x in lines)
