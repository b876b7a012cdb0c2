"""docs/how-to/monitoring.md: its table is that of the code, and its example runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metric_samples import RECORDING, status, times
from sonoedge.metrics import exposition


def test_the_table_lists_every_metric_with_its_labels(repository: Path) -> None:
    page = (repository / "docs/how-to/monitoring.md").read_text()
    listed = {
        name: set(re.findall(r"`(\w+)`", labels))
        for name, labels in re.findall(r"^\| `(sonoedge_\w+)` \| (.*?)\|", page, re.MULTILINE)
    }
    text = exposition(status(), times=times(), recording_status=RECORDING, at_s=0.0)
    told = {name: set[str]() for name in re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)}
    for sample, labels in re.findall(r"^(sonoedge_\w+)(?:\{(.*)\})? ", text, re.MULTILINE):
        name = sample if sample in told else re.sub("_(bucket|sum|count)$", "", sample)
        told[name] |= set(re.findall(r'(\w+)="', labels)) - {"le"}
    assert listed == told


def test_the_example_prints_a_sessions_figures(
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    page = (repository / "docs/how-to/monitoring.md").read_text()
    (tmp_path / "bundle").symlink_to(repository / "tests/data/tiny")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(code, {})
    assert 'sonoedge_state{state="READY"} 1' in capsys.readouterr().out
