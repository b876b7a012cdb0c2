"""The C example: compiled as its head says, and run against a real service."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
if shutil.which("cc") is None or shutil.which("make") is None:
    pytest.skip("needs make and a C compiler", allow_module_level=True)
from local_service import local_service
from sonoedge_bench.reliability.drive import speckle


@pytest.fixture(scope="module")
def program(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by its own Makefile, which takes a warning for an error."""
    out = tmp_path_factory.mktemp("firmware")
    folder = repository / "examples/firmware"
    subprocess.run(["make", "-C", folder, f"OUT={out}"], check=True, capture_output=True)
    return out / "probe_loop"


def test_frames_go_in_and_a_line_for_each_result_comes_out(program: Path, tmp_path: Path) -> None:
    frames = [speckle(1), np.zeros_like(speckle(1)), speckle(2)]
    height, width = frames[0].shape
    with local_service(tmp_path / "so.sock") as service:
        done = subprocess.run(
            [program, service.path, str(width), str(height)],
            input=b"".join(frame.tobytes() for frame in frames),
            capture_output=True,
            check=False,
            timeout=60,
        )
    lines = [line for line in done.stdout.decode().splitlines() if line.startswith("frame ")]
    assert done.returncode == 0, done.stderr
    assert len(lines) == len(frames)
    assert re.fullmatch(r"frame \d: (nothing found|suspicion \d\.\d\d.*)", lines[0])
    assert re.fullmatch(r"frame \d: NOT ANALYSED (BLACK|CONSTANT)", lines[1])


def test_without_a_service_it_says_so(program: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [program, tmp_path / "nobody", "8", "8"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert b"no analysis by" in done.stderr


@pytest.mark.parametrize(
    "sides", [("abc", "8"), ("8x", "8"), ("0", "8"), ("-1", "8"), ("8193", "8")]
)
def test_sides_that_cannot_be_are_refused_before_anything_is_read(
    program: Path, sides: tuple[str, str]
) -> None:
    done = subprocess.run(
        [program, "/absent", *sides],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert b"usage: probe_loop" in done.stderr


def test_a_path_that_no_socket_can_have_is_refused_by_name(program: Path) -> None:
    done = subprocess.run(
        [program, "x" * 200, "8", "8"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert b"ARGUMENT" in done.stderr


def test_frames_of_another_size_than_told_end_with_an_error(program: Path, tmp_path: Path) -> None:
    frame = speckle(1)
    height, width = frame.shape
    with local_service(tmp_path / "so.sock") as service:
        done = subprocess.run(
            [program, service.path, str(width), str(height - 1)],
            input=frame.tobytes(),
            capture_output=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    assert f"the last frame has {width} of".encode() in done.stderr
