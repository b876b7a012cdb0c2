"""What docs/how-to/shadow.md shows runs, and its tables are those of the code."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from sonoedge import Analysed
from sonoedge.session import DisagreementKind, ShadowReason
from sonoedge_bench.reliability.drive import frame
from sonoedge_bench.reliability.other_bundle import make_other_bundle


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / "docs/how-to/shadow.md").read_text()


def test_its_code_runs(
    page: str, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    pytest.importorskip("onnxruntime", reason="needs an engine")
    if not hasattr(os, "memfd_create"):
        pytest.skip("a worker process needs Linux")
    tiny = repository / "tests/data/tiny"
    shutil.copytree(tiny, tmp_path / "bundle")
    make_other_bundle(tiny, tmp_path / "candidate")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len(blocks) == 2
    got: list[Any] = []
    for block in blocks:
        exec(block, {"frame": frame(), "show": got.append})
    output = capsys.readouterr().out
    assert "ShadowStatus(state=" in output
    assert "('normal', 'benign', 'malignant') 0.5" in output
    assert all(isinstance(a, Analysed) or a.reasons for a in got)


def test_its_tables_name_every_kind_and_every_reason(page: str) -> None:
    rows = re.findall(r"^\| (`[A-Z_`, ]+) \|", page, flags=re.MULTILINE)
    named = set(re.findall(r"`(\w+)`", " ".join(rows)))
    assert named == {k.value for k in (*DisagreementKind, *ShadowReason)}
