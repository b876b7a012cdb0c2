"""The examples of live use, on the tiny bundle."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from sonoedge_bench.reliability.drive import speckle

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)


def run(script: Path, *arguments: object) -> str:
    """What an example prints."""
    done = subprocess.run(
        [sys.executable, str(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def tiny(repository: Path) -> Path:
    """A bundle with a real network."""
    return repository / "tests" / "data" / "tiny"


def test_the_embedding_example_accounts_for_every_frame(
    repository: Path, tiny: Path, tmp_path: Path
) -> None:
    clip = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (160, 120))
    for number in range(8):
        pixels = speckle(number)
        pixels[30:70, 40:90] = 10
        writer.write(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR))
    writer.release()
    said = run(repository / "examples" / "embed.py", tiny, clip)
    assert re.search(r"1 suspicious regions, \d+ ms old", said)
    frames, analysed, superseded = (
        int(n) for n in re.findall(r"(\d+) frames: (\d+) analysed, (\d+) superseded", said)[0]
    )
    assert frames == 8
    assert analysed >= 1
    assert analysed + superseded <= 8


def test_the_drill_shows_a_crash_a_hang_and_a_freeze_and_ends_well(
    repository: Path, tiny: Path
) -> None:
    said = run(repository / "examples" / "faults.py", tiny, "--seconds", "2")
    acts = said.split("\n-- ")
    crash, hang, freeze, pause = acts[2:6]
    assert "engines replaced 1" in crash
    assert "engines replaced 2" in hang
    assert "FRAME_FROZEN" in freeze
    assert "PAUSED" in pause
    submitted, total = re.findall(r"submitted\s+(\d+)\s+=\s+sum (\d+)", said)[0]
    assert submitted == total
    assert re.search(r"engines replaced [2-9]", said)
    assert "\033" not in said  # colours are for a terminal


@pytest.mark.parametrize("name", ["embed.py", "faults.py"])
def test_without_arguments_an_example_says_what_it_takes(repository: Path, name: str) -> None:
    script = str(repository / "examples" / name)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert done.returncode == 2
    assert "required: BUNDLE" in done.stderr
    assert "Traceback" not in done.stderr
