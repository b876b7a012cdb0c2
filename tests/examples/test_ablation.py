"""The ablation, on a few drawn frames."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")

ARMS = ("from scratch, all augmentation", "self-supervised first", "without tone")


def drawn(folder: Path, count: int) -> Path:
    """A data set of dark discs: two frames of three are for training."""
    folder.mkdir()
    rng, rows = np.random.default_rng(count), []
    for n in range(count):
        pixels = rng.integers(80, 200, (96, 128), dtype=np.uint8)
        mask = np.zeros((96, 128), np.uint8)
        cv2.circle(mask, (int(rng.integers(40, 90)), 48), 20, 255, -1)
        pixels[mask > 0] //= 2 + n % 2 * 3
        cv2.imwrite(str(folder / f"{n}.png"), pixels)
        cv2.imwrite(str(folder / f"{n}m.png"), mask)
        split, label = "val" if n % 3 == 0 else "train", "malignant" if n % 2 else "benign"
        rows.append({"image": f"{n}.png", "mask": f"{n}m.png", "split": split, "label": label})
    (folder / "frames.json").write_text(json.dumps({"frames": rows}))
    return folder


@pytest.mark.skipif("SONOEDGE_NIGHTLY" not in os.environ, reason="trains for long: make nightly")
def test_an_ablation_goes_on_where_it_stopped_and_ends_with_its_table(
    repository: Path, tmp_path: Path
) -> None:
    data = [str(drawn(tmp_path / name, count)) for name, count in (("one", 15), ("two", 18))]
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
