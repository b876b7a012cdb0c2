"""Commands as processes: what they print, and that they end."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from sonoedge.errors import SourceError
from sonoedge.sources import open_source
from sonoedge.sources.pipe import command_from, pipe


def python(script: str) -> str:
    return f"pipe:{shlex.quote(sys.executable)} -c {shlex.quote(script)}"


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(SourceError, match="nonesuch"), open_source("pipe:nonesuch") as s:
        list(s)
    with pytest.raises(SourceError, match="no such program"):  # opening it: none comes by waiting
        pipe(command_from("pipe:nonesuch"))


def test_what_a_command_prints_does_not_fill_the_disk() -> None:
    # Each picture tells how many 64 KiB the file of what was printed has.
    script = (
        "import os,time\nfor _ in range(40):\n os.write(2, b'x' * 400000)\n"
        " os.write(1, b'P5 640 480 255\\n' + bytes([os.fstat(2).st_size >> 16]) * 307200)\n"
        "time.sleep(0.5)\nos.write(2, b'\\nthe end')"
    )
    contents = pipe(command_from(python(script)))
    with closing(contents), closing(contents.pictures()) as pictures:
        sizes = [int(picture.pixels[0, 0]) for picture in islice(pictures, 40)]
        with pytest.raises(SourceError, match=r"the end$"):  # the last line is kept
            next(pictures)
    assert max(sizes) < 64


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.req("R61")
def test_the_command_ends_when_its_host_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    inner = f"import os,time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    host = (
        "import time\nfrom sonoedge.sources.pipe import command_from, pipe\n"
        f"kept = pipe(command_from({python(inner)!r}))\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", host]) as process:
        end = time.monotonic() + 30
        while not (note.exists() and note.read_text()) and time.monotonic() < end:
            time.sleep(0.02)
        pid = int(note.read_text())
        os.kill(process.pid, signal.SIGKILL)
    while not gone(pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert gone(pid)


def noted(note: Path) -> int:
    end = time.monotonic() + 30
    while not (note.exists() and note.read_text().endswith("\n")) and time.monotonic() < end:
        time.sleep(0.02)
    return int(note.read_text())


def ends(pid: int) -> bool:
    end = time.monotonic() + 10
    while not gone(pid) and time.monotonic() < end:
        time.sleep(0.02)
    if gone(pid):
        return True
    os.kill(pid, signal.SIGKILL)
    return False


@pytest.mark.req("R61")
@pytest.mark.parametrize("stays", ["wait", "exit 3"])
def test_what_a_script_started_ends_with_it(tmp_path: Path, stays: str) -> None:
    note = tmp_path / "pid"
    script = f"sleep 60 >/dev/null 2>&1 & echo $! > {shlex.quote(str(note))}; {stays}"
    contents = pipe(command_from(f"pipe:sh -c {shlex.quote(script)}"))
    with closing(contents), closing(contents.pictures()) as pictures:
        pid = noted(note)
        if stays != "wait":
            with pytest.raises(SourceError, match="ended with code 3"):
                next(pictures)
    assert ends(pid)


@pytest.mark.req("R61")
def test_what_a_script_started_ends_when_the_host_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {shlex.quote(str(note))}; wait"
    host = (
        "import time\nfrom sonoedge.sources.pipe import command_from, pipe\n"
        f"kept = pipe(command_from({f'pipe:sh -c {shlex.quote(script)}'!r}))\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", host]) as process:
        pid = noted(note)
        os.kill(process.pid, signal.SIGKILL)
    assert ends(pid)
