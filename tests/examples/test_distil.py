"""Teachers and what is taught by them, on a few drawn frames."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")
import torch
from safetensors.numpy import load_file

from .test_training import drawn


@pytest.mark.skipif("SONOEDGE_NIGHTLY" not in os.environ, reason="trains for long: make nightly")
def test_a_network_is_taught_by_teachers_that_are_trained_once(
    repository: Path, tmp_path: Path
) -> None:
    drawn(tmp_path / "one", 6, 1)
    drawn(tmp_path / "two", 6, 2)
    out = tmp_path / "out"
    words = [sys.executable, str(repository / "examples/reference/distil.py"), "--device", "cpu"]
    words += ["--data", str(tmp_path / "one"), str(tmp_path / "two"), "--out", str(out)]
    words += ["--teachers", "2", "--teacher-batches", "1", "--batches", "2", "--batch", "2"]
    words += ["--workers", "0"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(words, check=True, env=environment)
    log = json.loads((out / "distilled.json").read_text())
    names = ["teacher 0", "teacher 1", "teachers together", "LesionNet"]
    assert [row["network"] for row in log] == names
    assert all(np.isfinite(row["dice_0"]) and row["batches"] > 0 for row in log)
    teachers = [load_file(out / f"teacher{n}.safetensors") for n in (0, 1)]
    assert any((teachers[0][k] != teachers[1][k]).any() for k in teachers[0])
    taught = load_file(out / "lesionnet.safetensors")
    sizes = [sum(v.size for v in w.values()) for w in (*teachers, taught)]
    assert sizes[0] == sizes[1] > 3.5 * sizes[2]
    # Again, without what the teachers say: they are not trained again, and it learns otherwise.
    written = [(out / f"teacher{n}.safetensors").stat().st_mtime_ns for n in (0, 1)]
    subprocess.run([*words, "--distil", "0"], check=True, env=environment)
    assert [(out / f"teacher{n}.safetensors").stat().st_mtime_ns for n in (0, 1)] == written
    alone = load_file(out / "lesionnet.safetensors")
    assert any((alone[k] != taught[k]).any() for k in taught)


def test_teachers_together_answer_with_the_mean_of_their_probabilities(repository: Path) -> None:
    sys.path.insert(0, str(repository / "examples/reference"))
    try:
        from teachers import Teachers  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(repository / "examples/reference"))

    class Says(torch.nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self, logit: float) -> None:
            super().__init__()
            self.logit = logit

        def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
            level = torch.full_like(x, self.logit)
            return {"lesion": level, "malignancy": -level, "frame": level[:, 0, 0, :4]}

    both = Teachers([Says(-1.0), Says(3.0)])(torch.zeros(2, 1, 8, 8))
    wanted = (torch.sigmoid(torch.tensor(-1.0)) + torch.sigmoid(torch.tensor(3.0))) / 2
    assert torch.allclose(torch.sigmoid(both["lesion"]), wanted.expand(2, 1, 8, 8))
    assert torch.allclose(torch.sigmoid(both["malignancy"]), (1 - wanted).expand(2, 1, 8, 8))
    assert torch.allclose(both["frame"].softmax(1), torch.full((2, 4), 0.25))
