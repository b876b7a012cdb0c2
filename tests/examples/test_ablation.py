"""The ablation, on a few drawn frames."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs torch")

Drawn = Callable[[Path, int], Path]
ARMS = ("from scratch, all augmentation", "self-supervised first", "without tone")


@pytest.mark.skipif("SONOEDGE_NIGHTLY" not in os.environ, reason="trains for long: make nightly")
def test_an_ablation_goes_on_where_it_stopped_and_ends_with_its_table(
    repository: Path, tmp_path: Path, drawn_set: Drawn
) -> None:
    data = [str(drawn_set(tmp_path / name, count)) for name, count in (("one", 15), ("two", 18))]
    command = [sys.executable, str(repository / "examples/reference/ablate.py"), "--data", *data]
    command += ["--out", str(tmp_path / "out"), "--epochs", "1", "--pretrain", "1"]
    command += ["--seeds", "1", "--device", "cpu", "--arms"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

    def run(*arms: str) -> str:
        done = subprocess.run(
            [*command, *arms], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    first = run(ARMS[0])
    assert first.count("| from scratch") == 1
    runs = tmp_path / "out/runs"
    assert [file.name for file in runs.iterdir()] == [f"{ARMS[0]}, seed 0.json"]
    made = (runs / f"{ARMS[0]}, seed 0.json").stat().st_mtime_ns
    second = run(*ARMS)
    assert [line.split(" | ")[0] for line in second.splitlines()[-3:]] == [f"| {a}" for a in ARMS]
    assert len(second.splitlines()) == 2 + 2 + 3  # two new runs, the table's head, three rows
    assert len(list(runs.iterdir())) == 3
    assert (runs / f"{ARMS[0]}, seed 0.json").stat().st_mtime_ns == made
    assert (tmp_path / "out/pretrained-1-0.safetensors").exists()
