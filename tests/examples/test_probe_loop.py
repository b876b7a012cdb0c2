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
from c_build import SANITIZED, C, build, library_sources, onnxruntime
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


@pytest.fixture(scope="module")
def monitor(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("c++") is None:
        pytest.skip("needs a C++ compiler")
    out = tmp_path_factory.mktemp("monitor")
    folder = repository / "examples/firmware"
    subprocess.run(["make", "-C", folder, "monitor", f"OUT={out}"], check=True, capture_output=True)
    return out / "monitor"


def test_the_monitor_in_cpp_shows_flags_and_what_was_not_analysed(monitor: Path) -> None:
    frames = [with_discs(speckle_of(n, 120, 160), (500, 500, 170, 10)) for n in range(6)]
    frames.append(np.zeros_like(frames[0]))
    done = subprocess.run(
        [monitor, TINY, onnxruntime(), "160", "120"],
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


@pytest.mark.parametrize("source", ["monitor.cpp", "probe_loop.c"])
def test_a_flagged_frame_without_regions_is_not_nothing_found(
    source: str, repository: Path, tmp_path: Path
) -> None:
    """A network that grades the whole frame has no regions to show."""
    if shutil.which("c++") is None:
        pytest.skip("needs a C++ compiler")
    example = repository / "examples/firmware" / source
    core = [C / "common/frame.c", C / "common/words.c", Path(__file__).parent / "graded.c"]
    for path in (example, *core):
        compiler = ["c++", "-std=c++17"] if path.suffix == ".cpp" else ["cc", "-std=c99"]
        subprocess.run([*compiler, "-Werror", f"-I{C}", "-c", path], cwd=tmp_path, check=True)
    objects = sorted(tmp_path.glob("*.o"))
    subprocess.run(["c++", *objects, "-lm", "-o", tmp_path / "host"], check=True)
    words = {"monitor.cpp": ["", "", "8", "8"], "probe_loop.c": ["", "8", "8"]}[source]
    done = subprocess.run(
        [tmp_path / "host", *words], input=bytes(64), capture_output=True, check=True, timeout=60
    )
    assert re.search(rb"frame 1: .*FLAG", done.stdout)
    assert b"0.90" in done.stdout
    assert b"nothing found" not in done.stdout


def test_the_monitor_refuses_sides_that_cannot_be(monitor: Path) -> None:
    for sides in (("abc", "8"), ("8x", "8"), ("0", "8"), ("-1", "8"), ("8193", "8")):
        done = subprocess.run([monitor, "/absent", "", *sides], capture_output=True, check=False)
        assert done.returncode == 2
        assert b"sides are 1 to 8192" in done.stderr


def test_the_monitor_tells_of_frames_of_another_size(monitor: Path) -> None:
    done = subprocess.run(
        [monitor, TINY, onnxruntime(), "160", "120"], input=b"abc", capture_output=True, timeout=60
    )
    assert done.returncode == 1
    assert b"the last frame has 3 of 19200 bytes" in done.stderr


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
