"""The picture of the live page is taken from a real run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
pytest.importorskip("websockets", reason="needs the extra view")
pytest.importorskip("playwright.sync_api", reason="needs Playwright")
if not Path("/usr/bin/chromium").exists():
    pytest.skip("needs Chromium", allow_module_level=True)


def test_it_shows_the_state_that_was_asked_for(repository: Path, tmp_path: Path) -> None:
    pictures, out = tmp_path / "pictures", tmp_path / "view.png"
    pictures.mkdir()
    for number in range(300):
        pixels = np.random.default_rng(number).integers(140, 200, (120, 160), dtype=np.uint8)
        cv2.imwrite(str(pictures / f"{number:03d}.png"), pixels)
    words = [str(repository / "tests/data/tiny"), str(pictures), "--out", str(out)]
    words += ["--fps", "10", "--headline", "ANALYSED"]
    script = str(repository / "examples/view_picture.py")
    subprocess.run([sys.executable, script, *words], check=True, timeout=200)
    picture = cv2.imread(str(out))
    assert picture is not None
    assert picture.shape == (640, 1024, 3)
    banner = picture[40, 900]  # the green of a frame that was analysed
    assert banner[1] > banner[2]
