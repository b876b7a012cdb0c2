"""Commands as sources: their pictures, their ends, and what they must say."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from sonoedge.errors import InvalidSettings, SourceError, StreamRefused
from sonoedge.sources import open_source
from sonoedge.sources.pipe import command_from, pipe

CAPS = "video/x-raw,format=GRAY8,width=641,height=48"


def python(script: str, size: str = "GRAY8,6x4") -> str:
    return f"pipe:{size}:{shlex.quote(sys.executable)} -c {shlex.quote(script)}"


def test_the_size_is_that_of_the_last_caps_with_gstreamers_rows() -> None:
    command = command_from(f"pipe:gst-launch-1.0 x ! video/x-raw,width=9,height=9 ! y ! {CAPS} ! z")
    assert (command.width, command.height, command.channels, command.row_bytes) == (641, 48, 1, 644)
    typed = command_from('pipe:g "video/x-raw, format=(string)BGR, width=(int)5, height=(int)2"')
    assert (typed.width, typed.height, typed.channels, typed.row_bytes) == (5, 2, 3, 16)


def test_a_prefix_says_it_for_commands_that_write_packed_rows() -> None:
    command = command_from("pipe:BGR,5x2:ffmpeg -i 'a b' -")
    assert command.row_bytes == 15
    assert command.words == ("ffmpeg", "-i", "a b", "-")


@pytest.mark.parametrize(
    "spec",
    [
        "pipe:",
        "pipe:cat raw",
        "pipe:GRAY8,4x4:",
        "pipe:I420,4x4:cat",
        "pipe:GRAY8,0x4:cat",
        "pipe:GRAY8,9000x4:cat",
        "pipe:GRAY8,4x4:cat 'open",
        "pipe:g ! video/x-raw,format=NV12,width=4,height=4 ! fdsink",
        "pipe:g ! video/x-raw,format=GRAY8 ! fdsink",
    ],
)
def test_a_command_that_does_not_say_what_it_writes_is_refused(spec: str) -> None:
    with pytest.raises(InvalidSettings):
        command_from(spec)


@pytest.mark.req("R61")
def test_pictures_are_what_the_command_wrote() -> None:
    script = "import os,time\nfor i in (1, 2): os.write(1, bytes([i]) * 24)\ntime.sleep(60)"
    contents = pipe(command_from(python(script)))
    with closing(contents), closing(contents.pictures()) as pictures:
        read = list(islice(pictures, 2))
    assert [p.pixels.shape for p in read] == [(4, 6), (4, 6)]
    assert [np.unique(p.pixels).tolist() for p in read] == [[1], [2]]


def test_padding_at_the_end_of_rows_is_left_out() -> None:
    spec = f"pipe:{shlex.quote(sys.executable)} -c 'import os; os.write(1, bytes(range(24)))' "
    spec += "'video/x-raw,format=GRAY8,width=5,height=3'"
    with closing(pipe(command_from(spec))) as contents, closing(contents.pictures()) as pictures:
        assert next(pictures).pixels.tolist() == [
            [0, 1, 2, 3, 4], [8, 9, 10, 11, 12], [16, 17, 18, 19, 20]
        ]  # fmt: skip


@pytest.mark.req("R61")
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("import sys; sys.exit('no such camera')", "ended with code 1.*no such camera"),
        ("import os; os.kill(os.getpid(), 11)", "ended with code -11"),
        ("import os; os.write(1, b'abc')", "CLOSED_IN_MESSAGE"),
    ],
)
def test_a_command_that_ends_is_an_error_that_says_how(script: str, message: str) -> None:
    with pytest.raises(SourceError, match=message), open_source(python(script)) as source:
        list(source)


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(SourceError, match="nonesuch"), open_source("pipe:GRAY8,4x4:nonesuch") as s:
        list(s)
    with pytest.raises(SourceError, match="no such program"):  # opening it: none comes by waiting
        pipe(command_from("pipe:GRAY8,4x4:nonesuch"))


def test_a_command_that_writes_nothing_is_no_live_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonoedge.sources.pipe._FIRST_S", 0.2)
    contents = pipe(command_from("pipe:GRAY8,4x4:sleep 60"))
    with closing(contents), closing(contents.pictures()) as pictures:  # noqa: SIM117 - it is closed after
        with pytest.raises(StreamRefused) as caught:
            next(pictures)
    assert caught.value.why == "TIMEOUT"


def test_what_a_command_prints_does_not_fill_the_disk() -> None:
    # Each picture tells how many 64 KiB the file of what was printed has.
    script = (
        "import os,time\nfor _ in range(40):\n os.write(2, b'x' * 400000)\n"
        " os.write(1, bytes([os.fstat(2).st_size >> 16]) * 307200)\n"
        "time.sleep(0.5)\nos.write(2, b'\\nthe end')"
    )
    contents = pipe(command_from(python(script, "GRAY8,640x480")))
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
    contents = pipe(command_from(f"pipe:GRAY8,4x4:sh -c {shlex.quote(script)}"))
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
        f"kept = pipe(command_from({f'pipe:GRAY8,4x4:sh -c {shlex.quote(script)}'!r}))\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", host]) as process:
        pid = noted(note)
        os.kill(process.pid, signal.SIGKILL)
    assert ends(pid)


@pytest.mark.req("R61")
def test_gstreamer_is_read_with_its_padded_rows() -> None:
    if shutil.which("gst-launch-1.0") is None:
        pytest.skip("needs gst-launch-1.0 (gstreamer1.0-tools, gstreamer1.0-plugins-base)")
    source = "videotestsrc is-live=true pattern=gradient"
    with open_source(f"pipe:gst-launch-1.0 -q {source} ! {CAPS} ! fdsink fd=1 sync=false") as s:
        frame = next(iter(s))
    assert frame.pixels.shape == (48, 641)
    assert np.all(frame.pixels == frame.pixels[:, :1])  # rows of one level: no shear
    assert frame.pixels[0, 0] != frame.pixels[-1, 0]
