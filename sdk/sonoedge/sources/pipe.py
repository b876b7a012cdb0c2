"""Raw pictures from a command's standard output, such as gst-launch or ffmpeg.

The command is a process of its own: a driver that crashes within it is an exit code. It ends
with its host, as the processes that decode files do. No shell reads it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import IO, Final

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidSettings, RuntimeUnavailable, SourceError, StreamRefused
from sonoedge.sources.child.process import LIFELINE
from sonoedge.sources.live_bounds import sides_are_credible
from sonoedge.sources.picture import Contents, Picture

_CHANNELS: Final = {"GRAY8": 1, "BGR": 3}
_FORM: Final = (
    "give pipe:gst-launch-1.0 ... ! video/x-raw,format=GRAY8,width=W,height=H ! fdsink fd=1, or "
    "pipe:GRAY8,WxH:COMMAND for a command that writes packed rows (formats: GRAY8, BGR)"
)
_PIPE_BYTES: Final = 1 << 20  # what an ordinary user may ask for
_PICTURE_S: Final = 2.0  # a picture that has begun must be complete
_FIRST_S, _NEXT_S = 4.5, 0.75
_MOST_SAID, _TAIL = 1 << 20, 2000  # bytes kept of what a command prints that runs for days
# A script's own commands are of its group, and end with it.
_EXEC: Final = f"""\
{LIFELINE}
fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
os.execvp(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipeCommand:
    """A command, and what it writes.

    Attributes:
        words: the program and its arguments.
        width, height, channels: of each picture, in pixels; 1 is grey, 3 is BGR.
        row_bytes: from one row to the next. GStreamer pads rows to 4 bytes.
    """

    words: tuple[str, ...]
    width: int
    height: int
    channels: int
    row_bytes: int


def command_from(spec: str) -> PipeCommand:
    """A command as people write it, its size read from its last raw caps or from a prefix.

    Raises:
        InvalidSettings: it is none, or does not say what it writes.
    """
    text = spec.removeprefix("pipe:")
    prefix = re.match(r"([A-Z0-9]+),(\d{1,5})x(\d{1,5}):", text)
    if prefix:
        name, width, height = prefix[1], int(prefix[2]), int(prefix[3])
        text = text[prefix.end() :]
    else:
        name, width, height = _caps(text)
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise InvalidSettings(f"the command of pipe: cannot be read ({error})") from None
    if not words:
        raise InvalidSettings(f"pipe: names no command; {_FORM}")
    channels = _CHANNELS.get(name)
    if channels is None:
        raise InvalidSettings(f"pipe: gives {name or 'an unknown format'}; {_FORM}")
    if not sides_are_credible(width, height):
        raise InvalidSettings(f"pipe: gives pictures of {width} x {height}; {_FORM}")
    packed = width * channels
    return PipeCommand(
        words=words,
        width=width,
        height=height,
        channels=channels,
        row_bytes=packed if prefix else -(-packed // 4) * 4,
    )


def pipe(command: PipeCommand, *, clock_ns: Callable[[], int] = time.monotonic_ns) -> Contents:
    """The pictures of a command, which runs until it is closed.

    Raises:
        SourceError: it cannot be started. When read, it has ended, or StreamRefused: no picture
            came in time.
        RuntimeUnavailable: this program is no interpreter, and cannot tie its life to ours.
    """
    if getattr(sys, "frozen", False):
        raise RuntimeUnavailable("pipe: needs a second Python, which a frozen program lacks")
    running = _Running(command.words)
    fd, size = running.output, command.height * command.row_bytes

    def pictures() -> Generator[Picture, None, None]:
        wait_s = _FIRST_S
        while True:
            room = bytearray(size)
            if not _fill(fd, memoryview(room), wait_s):
                raise SourceError(running.ending())
            captured_ns, wait_s = clock_ns(), _NEXT_S
            running.forget()
            yield Picture(pixels=_pixels(room, command), captured_ns=captured_ns)

    name = os.path.basename(command.words[0])  # noqa: PTH119
    return Contents(name=name, pictures=pictures, count=None, times="live", close=running.close)


class _Running:
    """The command as it runs."""

    def __init__(self, words: tuple[str, ...]) -> None:
        if shutil.which(words[0]) is None:  # else a live run would wait for it for ever
            raise SourceError(f"{words[0]} cannot be started: there is no such program here")
        lifeline, self._held = os.pipe()
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._tail, self._closed = b"", False
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _EXEC, str(lifeline), *words],
                pass_fds=(lifeline,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._said,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            os.close(self._held)
            self._said.close()
            raise SourceError(f"{words[0]} cannot be started: {error}") from None
        finally:
            os.close(lifeline)
        assert self._process.stdout is not None
        self._name = words[0]
        self.output = self._process.stdout.fileno()
        with contextlib.suppress(OSError):  # a limit of this user: smaller pipes work as well
            fcntl.fcntl(self.output, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def forget(self) -> None:
        """Drop what it printed once that is much, but for its end; a line just then may go."""
        said = self._said.fileno()
        size = os.fstat(said).st_size
        if size > _MOST_SAID:
            self._tail = os.pread(said, _TAIL, size - _TAIL)
            os.ftruncate(said, 0)
            os.lseek(said, 0, os.SEEK_SET)  # its own place as well: the file is opened once

    def ending(self) -> str:
        """How it ended, with the last line that it printed."""
        if not self._has_ended(1.0):
            return f"{self._name} has closed its output; it gives no more frames"
        code = self._reap()
        self._said.seek(max(0, self._said.seek(0, os.SEEK_END) - _TAIL))
        lines = (self._tail + self._said.read()).decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        why = f": {last[:300]}" if last else ""
        return f"{self._name} has ended with code {code} and gives no more frames{why}"

    def close(self) -> None:
        """End it. Closing twice is harmless."""
        if not self._closed:
            self._closed = True
            self._reap()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._said.close()
            os.close(self._held)

    def _has_ended(self, wait_s: float) -> bool:
        until_s, flags = time.monotonic() + wait_s, os.WEXITED | os.WNOHANG | os.WNOWAIT
        while (
            self._process.returncode is None
            and os.waitid(os.P_PID, self._process.pid, flags) is None
        ):
            if time.monotonic() >= until_s:
                return False
            time.sleep(0.01)
        return True

    def _reap(self) -> int:
        """Its exit code; what it started ends with it, as its group's number is ours till then."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait()


def _caps(text: str) -> tuple[str, int, int]:
    """Format, width and height of the last raw caps; "" and 0 where they do not say."""
    caps = re.findall(r"video/x-raw(?:\([^)]*\))?([^!]*)", text)
    if not caps:
        raise InvalidSettings(f"pipe: does not say what the command writes; {_FORM}")
    values = dict(re.findall(r"(format|width|height)\s*=\s*(?:\([a-z]+\))?\s*(\w+)", caps[-1]))
    sides = [values.get(side, "") for side in ("width", "height")]
    width, height = (int(side) if re.fullmatch(r"\d{1,5}", side) else 0 for side in sides)
    return values.get("format", ""), width, height


def _fill(fd: int, room: memoryview, wait_s: float) -> bool:
    """Read one picture; False where the output has ended.

    Raises:
        StreamRefused: TIMEOUT, CLOSED_IN_MESSAGE.
    """
    until_s, begun = time.monotonic() + wait_s, False
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    while room:
        if not poll.poll(max(0.0, until_s - time.monotonic()) * 1e3):
            what = "a picture was not complete in time" if begun else "no picture came in time"
            raise StreamRefused("TIMEOUT", what)
        count = os.readv(fd, [room])
        if count == 0:
            if begun:
                raise StreamRefused(
                    "CLOSED_IN_MESSAGE",
                    "the command ended within a picture; is its size what the caps say?",
                )
            return False
        if not begun:
            until_s, begun = time.monotonic() + _PICTURE_S, True
        room = room[count:]
    return True


def _pixels(room: bytearray, command: PipeCommand) -> npt.NDArray[np.uint8]:
    rows = np.frombuffer(room, np.uint8).reshape(command.height, command.row_bytes)
    packed = rows[:, : command.width * command.channels]
    if command.channels == 1:
        return np.ascontiguousarray(packed)
    return np.ascontiguousarray(packed).reshape(command.height, command.width, command.channels)
