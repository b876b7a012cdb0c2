from __future__ import annotations

import pytest

pytest.importorskip("pydicom", reason="needs the extra dicom")
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

from archive_samples import TINY
from studies.archive_rates import main


def test_each_figure_of_the_guide_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studies.archive_rates.WORKERS", (1,))
    main([str(TINY), "--items", "2", "--frames", "2", "--resumed", "3", "--rounds", "1"])
    printed = capsys.readouterr().out
    for words in (
        *("1 workers:", "frames a second", "bytes a frame", "a part costs"),
        *("3 items of one frame:", "again, all read:", "times trusted:", "report:"),
    ):
        assert words in printed
