from __future__ import annotations

import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest


def test_a_bright_drawn_line_is_found_at_its_angle(repository: Path) -> None:
    example = runpy.run_path(str(repository / "examples/needle.py"))
    for angle in (-60, -40, -20, 20, 40, 60):
        picture = np.random.default_rng(0).integers(20, 90, example["SIZE"], dtype=np.uint8)
        c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
        ends = [(round(160 + t * c), round(120 + t * s)) for t in (-80, 80)]
        cv2.line(picture, *ends, 250, 3)
        assert example["find"](picture).angle == pytest.approx(angle, abs=1.5)


def test_it_prints_what_it_finds_and_what_it_does_not(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = runpy.run_path(str(repository / "examples/needle.py"))
    example["main"](["--frames", "12"])
    printed = capsys.readouterr().out
    assert "of 6" in printed
    assert "no tip, no guidance" in printed
    assert "frames without a needle that reach the median score" in printed


def test_simulated_frames_have_a_needle_where_the_truth_says(repository: Path) -> None:
    example = runpy.run_path(str(repository / "examples/needle.py"))
    picture, truth = example["simulated"](np.random.default_rng(1), needle=True)
    assert picture.shape == example["SIZE"]
    (x0, y0), (x1, y1) = truth.ends
    turn = np.rad2deg(np.arctan2(y1 - y0, x1 - x0))
    assert abs((turn - truth.angle + 90) % 180 - 90) < 1e-3
    assert example["simulated"](np.random.default_rng(1), needle=False)[1] is None
