"""The README's picture is made of what an engine answered."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


def test_stills_of_any_size_stand_side_by_side(repository: Path, tmp_path: Path) -> None:
    for number, shape in enumerate(((120, 160), (200, 100))):
        pixels = np.random.default_rng(number).integers(140, 200, shape, dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f"{number}.png"), pixels)
    words = [str(repository / "tests/data/tiny"), str(tmp_path / "0.png"), str(tmp_path / "1.png")]
    words += ["--variant", "onnxruntime-fp32", "--out", str(tmp_path / "out.png")]
    script = str(repository / "examples/overlay_picture.py")
    subprocess.run([sys.executable, script, *words], check=True)
    picture = cv2.imread(str(tmp_path / "out.png"))
    assert picture is not None
    assert picture.shape[0] == 530
    white = (picture == 255).all((0, 2))
    assert white.sum() == 12  # between the two
    assert not white[:200].any()
