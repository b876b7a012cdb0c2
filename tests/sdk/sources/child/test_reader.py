"""sources/child/reader.py: readers that crash, hang, swell and lie, in a process of their own."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.errors import (
    InvalidSettings,
    MissingDependency,
    RuntimeUnavailable,
    SourceCrashed,
    SourceError,
)
from sonoedge.frames import FrameMeta
from sonoedge.sources import open_source
from sonoedge.sources.child import process as processes
from sonoedge.sources.child.limits import Limits
from sonoedge.sources.child.reader import ChildReader, isolated
from sonoedge.sources.picture import Picture

# What a file says is done, in place of decoding it.
READER = """
import ctypes, os, signal, sys, time
import numpy as np
from sonoedge.errors import MissingDependency, SourceError
from sonoedge.frames import FrameMeta
from sonoedge.sources.picture import Contents, Picture

def frame(level, **more):
    return Picture(pixels=np.full((4, 6), level, dtype=np.uint8), **more)

def act(what):
    if what == "abort": os.abort()
    if what == "segfault": ctypes.string_at(0)
    if what == "exit": os._exit(7)
    if what == "sleep": time.sleep(600)
    if what == "spin":
        while True: pass
    if what == "swell": np.ones(1 << 33, dtype=np.uint8)
    if what == "missing": raise MissingDependency("run: pip install x")
    if what == "refuse": raise SourceError("a picture of cats")
    if what == "raise": raise ValueError("DOE^JANE")
    if what == "write": open(os.environ["TMPDIR"] + "/stolen", "wb", 0).write(b"x" * 100)
    if what == "print": print("DOE^JANE"); print("DOE^JANE", file=sys.stderr)

def read(path):
    when, what = path.read_text().split()
    if when == "open": act(what)
    def pictures():
        yield frame(1, time_s=0.5, spacing_mm=(0.2, 0.1), roi_px=(0, 1, 5, 4), pixel_aspect=1.5,
                    captured_ns=7, stamped=True,
                    meta=FrameMeta(probe="L12", depth_mm=50.0, frozen=True, file="f"))
        if when == "read": act(what)
        yield Picture(pixels=np.arange(72, dtype=np.uint8).reshape(4, 6, 3)[:, ::-1])
        yield frame(3)
    return Contents(name="ignored", pictures=pictures, count=3, fps=2.5, times="own")
"""


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "acting_reader.py").write_text(READER)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "acting_reader:read"


@pytest.fixture
def child() -> Generator[ChildReader, None, None]:
    with ChildReader(Limits(open_s=60, picture_s=60)) as child:
        yield child


def play(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition: object, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_what_a_reader_gives_crosses_unchanged(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    contents = child.open(reader, play(tmp_path / "f", "read nothing"))
    assert (contents.name, contents.count, contents.fps, contents.times) == ("f", 3, 2.5, "own")
    first, second, third = contents.pictures()
    assert (first.time_s, first.captured_ns, first.stamped) == (0.5, 7, True)
    assert (first.spacing_mm, first.roi_px) == ((0.2, 0.1), (0, 1, 5, 4))
    assert first.pixel_aspect == 1.5
    assert first.meta == FrameMeta(probe="L12", depth_mm=50.0, frozen=True, file="f")
    assert (first.pixels == 1).all()
    assert np.array_equal(second.pixels, np.arange(72, dtype=np.uint8).reshape(4, 6, 3)[:, ::-1])
    assert (third.pixels == 3).all()
    assert third.time_s is third.spacing_mm is third.roi_px is third.captured_ns is None
    assert all(p.pixels.flags.writeable and p.pixels.flags.c_contiguous for p in (first, second))


@pytest.mark.parametrize("when", ["open", "read"])
@pytest.mark.parametrize(
    ("what", "how"),
    [("abort", "SIGABRT"), ("segfault", "SIGSEGV"), ("exit", "exit code 7")],
)
def test_a_file_that_kills_its_decoder_is_a_typed_error(
    tmp_path: Path, reader: str, child: ChildReader, when: str, what: str, how: str
) -> None:
    file = play(tmp_path / "f.dcm", f"{when} {what}")
    pictures: list[Picture] = []
    with pytest.raises(SourceCrashed, match=rf"^f\.dcm cannot be decoded: .*{how}; is it damaged"):
        pictures.extend(child.open(reader, file).pictures())
    assert SourceCrashed.exit_code == SourceError.exit_code


def test_pictures_before_the_crash_are_given(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    pictures = child.open(reader, play(tmp_path / "f", "read abort")).pictures()
    assert (next(pictures).pixels == 1).all()
    with pytest.raises(SourceCrashed):
        next(pictures)


@pytest.mark.parametrize("when", ["open", "read"])
def test_a_file_that_hangs_its_decoder_is_given_up(tmp_path: Path, reader: str, when: str) -> None:
    limits = Limits(open_s=5 if when == "open" else 60, picture_s=1)
    with (
        ChildReader(limits) as child,
        pytest.raises(SourceCrashed, match=r"f took longer than . s (to open|for one picture)"),
    ):
        list(child.open(reader, play(tmp_path / "f", f"{when} sleep")).pictures())


def test_processor_time_is_limited_for_each_picture(tmp_path: Path, reader: str) -> None:
    with (
        ChildReader(Limits(cpu_s=1)) as child,
        pytest.raises(SourceCrashed, match="used up its processor time"),
    ):
        list(child.open(reader, play(tmp_path / "f", "read spin")).pictures())


def test_memory_is_limited_and_the_process_goes_on(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    with pytest.raises(SourceError, match="f needs more memory to decode than"):
        list(child.open(reader, play(tmp_path / "f", "read swell")).pictures())
    assert len(list(child.open(reader, play(tmp_path / "g", "read nothing")).pictures())) == 3


def test_what_a_reader_raises_is_raised_here(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    with pytest.raises(MissingDependency, match="pip install x"):
        child.open(reader, play(tmp_path / "f", "open missing"))
    with pytest.raises(SourceError, match="a picture of cats"):
        list(child.open(reader, play(tmp_path / "f", "read refuse")).pictures())


def test_what_a_decoder_says_of_a_patient_does_not_get_out(
    tmp_path: Path, reader: str, child: ChildReader, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SourceError, match=r"f cannot be decoded.*\(ValueError\)") as caught:
        list(child.open(reader, play(tmp_path / "f", "read raise")).pictures())
    assert "DOE" not in str(caught.value)
    list(child.open(reader, play(tmp_path / "f", "read print")).pictures())
    out = capfd.readouterr()
    assert out.out == out.err == ""


def test_the_process_cannot_write_files(
    tmp_path: Path, reader: str, child: ChildReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with pytest.raises(SourceError):
        list(child.open(reader, play(tmp_path / "f", "read write")).pictures())
    assert (tmp_path / "stolen").stat().st_size == 0


def test_one_process_serves_many_files_and_is_started_anew_after_a_crash(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    good, bad = play(tmp_path / "g", "read nothing"), play(tmp_path / "b", "read abort")
    pids = []
    for file in (good, good, bad, good):
        with contextlib.suppress(SourceCrashed):
            list(child.open(reader, file).pictures())
        assert child._process is not None
        pids.append(child._process.pid)
    assert pids[0] == pids[1] == pids[2]
    assert pids[3] != pids[2]


def test_pictures_can_be_read_again_after_they_were_left_in_the_middle(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    contents = child.open(reader, play(tmp_path / "f", "read nothing"))
    first = contents.pictures()
    next(first)
    first.close()
    assert len(list(contents.pictures())) == 3
    assert len(list(contents.pictures())) == 3


def test_a_source_may_be_opened_by_one_thread_and_read_by_another(
    tmp_path: Path, reader: str
) -> None:
    opened = []
    thread = threading.Thread(
        target=lambda: opened.append(isolated(reader, play(tmp_path / "f", "read nothing")))
    )
    thread.start()
    thread.join()
    assert len(list(opened[0].pictures())) == 3


def test_a_process_ends_with_its_pictures_with_closing_and_when_forgotten(
    tmp_path: Path, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids: list[int] = []
    start = subprocess.Popen

    def noted(*args: object, **more: object) -> object:
        process = start(*args, **more)  # type: ignore[call-overload]
        pids.append(process.pid)
        return process

    monkeypatch.setattr(subprocess, "Popen", noted)
    file = play(tmp_path / "f", "read nothing")
    assert len(list(isolated(reader, file).pictures())) == 3
    assert not running(pids[0])
    contents = isolated(reader, file)
    assert running(pids[1])
    contents.close()
    assert not running(pids[1])
    contents = isolated(reader, file)
    assert running(pids[2])
    del contents
    gc.collect()
    assert not running(pids[2])


def test_a_process_dies_with_its_host_even_while_it_hangs(tmp_path: Path, reader: str) -> None:
    file = play(tmp_path / "f", "read spin")
    code = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "from pathlib import Path\n"
        "from sonoedge.sources.child.reader import ChildReader\n"
        "child = ChildReader()\n"
        f"pictures = child.open({reader!r}, Path({str(file)!r})).pictures()\n"
        "next(pictures); print(child._process.pid, flush=True); next(pictures)\n"
    )
    host = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None
    pid = int(host.stdout.readline())
    assert running(pid)
    host.kill()
    host.wait()
    host.stdout.close()
    until(lambda: not running(pid))


def test_a_fork_of_the_host_leaves_the_process_alone(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    contents = child.open(reader, play(tmp_path / "f", "read nothing"))
    fork = os.fork()
    if not fork:
        child.close()
        os._exit(0)
    os.waitpid(fork, 0)
    assert len(list(contents.pictures())) == 3


def test_a_frozen_program_is_told_what_to_do(
    tmp_path: Path, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(RuntimeUnavailable, match='use isolation="none"'):
        isolated(reader, play(tmp_path / "f", "read nothing"))


@pytest.mark.parametrize(
    "message",
    [
        b"no JSON",
        b"[]",
        b'{"is":"opened","count":-1,"times":"own"}',
        b'{"is":"failed","token":7}',
        b"[" * 50_000,
    ],
)
def test_a_process_that_sends_nonsense_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: bytes
) -> None:
    code = (
        "import socket, sys, time\n"
        "host = socket.socket(fileno=int(sys.argv[2]))\n"
        f"host.sendall({message!r})\ntime.sleep(600)"
    )
    monkeypatch.setattr(processes, "BOOT", code)
    with (
        ChildReader() as child,
        pytest.raises(SourceCrashed, match="sent a message that makes no sense"),
    ):
        child.open("m:f", play(tmp_path / "f", "read nothing"))


def test_a_file_that_kills_gdcm_does_not_kill_the_host(repository: Path) -> None:
    pytest.importorskip("gdcm", reason="needs gdcm, which the file kills")
    pytest.importorskip("pydicom", reason="needs the extra dicom")
    killer = repository / "tests/data/sources/kills_gdcm.dcm"
    with pytest.raises(SourceCrashed, match=r"kills_gdcm\.dcm cannot be decoded: .*SIGABRT"):
        list(open_source(killer))


def test_in_a_folder_a_killer_costs_one_frame(repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("gdcm", reason="needs gdcm, which the file kills")
    pytest.importorskip("pydicom", reason="needs the extra dicom")
    for name in ("a.png", "c.png"):
        cv2.imwrite(str(tmp_path / name), np.full((8, 8), 90, dtype=np.uint8))
    shutil.copy(repository / "tests/data/sources/kills_gdcm.dcm", tmp_path / "b.dcm")
    with open_source(tmp_path, continue_on_error=True) as source:
        frames = list(source)
    assert [frame.meta.file for frame in frames] == ["a.png", "b.dcm", "c.png"]
    assert [frame.meta.invalid is None for frame in frames] == [True, False, True]
    assert "SIGABRT" in (frames[1].meta.invalid or "")


@pytest.mark.parametrize(
    "wrong", [{"open_s": 0}, {"picture_s": float("nan")}, {"cpu_s": 0}, {"memory_mib": 100}]
)
def test_limits_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidSettings, match=next(iter(wrong))):
        Limits(**wrong)  # type: ignore[arg-type]
