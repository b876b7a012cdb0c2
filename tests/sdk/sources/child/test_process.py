"""sources/child/process.py: how the process begins, and how it ends."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sonoedge.errors import (
    RuntimeUnavailable,
    SourceCrashed,
)
from sonoedge.sources.child import process as processes
from sonoedge.sources.child.reader import ChildReader, isolated


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
