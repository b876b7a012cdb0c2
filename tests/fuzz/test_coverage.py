"""coverage.py: atheris, where it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris", reason="needs the extra fuzz, Python 3.11 or newer")


def test_atheris_tries_as_many_inputs_as_it_is_told(repository: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    words = ["--entry", "decoder-wire", "--engine", "coverage", "--inputs", "100"]
    path = os.pathsep.join([str(repository / "tests"), *(p for p in sys.path if p)])
    ended = subprocess.run(
        [sys.executable, "-m", "fuzz", *words, "--json", str(figures), "--out", str(tmp_path)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    row = json.loads(figures.read_text())["entry_points"]["decoder-wire"]
    assert row["engines"]["coverage"] >= 100
    assert row["peak_mib"] > 0
