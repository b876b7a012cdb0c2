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
from c_build import SANITIZED, build, library_sources, onnxruntime
from conformance.pictures import speckle as speckle_of
from conformance.pictures import with_discs
from local_service import TINY, local_service
from native_library import NO_DEVICE_POLICY
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


@pytest.fixture(scope="module")
def sanitized(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same program, which ends where memory is misused or not given back."""
    out = tmp_path_factory.mktemp("sanitized") / "probe_loop"
    program = repository / "examples/firmware/probe_loop.c"
    return build(out, [*library_sources(), program], flags=[*SANITIZED, NO_DEVICE_POLICY])


def test_the_same_program_runs_in_process(sanitized: Path) -> None:
    frames = [speckle(1), np.zeros_like(speckle(1)), speckle(2)]
    height, width = frames[0].shape
    done = subprocess.run(
        [sanitized, TINY, str(width), str(height), onnxruntime()],
        input=b"".join(frame.tobytes() for frame in frames),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    lines = done.stdout.decode().splitlines()
    assert len(lines) == len(frames)
    assert re.fullmatch(r"frame 1: (nothing found|suspicion \d\.\d\d.*)", lines[0])
    assert re.fullmatch(r"frame 2: NOT ANALYSED (BLACK|CONSTANT)", lines[1])


def test_in_process_it_says_why_there_is_no_analysis(sanitized: Path) -> None:
    done = subprocess.run(
        [sanitized, TINY, "8", "8", "/no/such/library.so"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert b"ENGINE ONNX Runtime is not loaded" in done.stderr
    assert b"options.onnxruntime" in done.stderr


def test_the_monitor_in_cpp_shows_flags_and_what_was_not_analysed(
    repository: Path, tmp_path: Path
) -> None:
    if shutil.which("c++") is None:
        pytest.skip("needs a C++ compiler")
    folder = repository / "examples/firmware"
    subprocess.run(
        ["make", "-C", folder, "monitor", f"OUT={tmp_path}"], check=True, capture_output=True
    )
    frames = [with_discs(speckle_of(n, 120, 160), (500, 500, 170, 10)) for n in range(6)]
    frames.append(np.zeros_like(frames[0]))
    done = subprocess.run(
        [tmp_path / "monitor", TINY, onnxruntime(), "160", "120"],
        input=b"".join(frame.tobytes() for frame in frames),
        capture_output=True,
        check=False,
        timeout=60,
    )
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(
        r"frame 1: no flag; track 0 at \d+,\d+ normal .* malignant \d\.\d\d", lines[0]
    )
    assert lines[5].startswith("frame 6: FLAG; track 0")
    assert lines[6] == "frame 7: NOT ANALYSED CONSTANT"


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
