"""The command as it runs.

It is a process of its own: a driver that crashes within it is an exit code. It ends with its
host, as the processes that decode files do. No shell reads it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import IO, Final

from sonoedge.errors import SourceError
from sonoedge.sources.child.process import LIFELINE
from sonoedge.sources.pipe.command import PipeCommand

_PIPE_BYTES: Final = 1 << 20  # what an ordinary user may ask for
_MOST_SAID, _TAIL = 1 << 20, 2000  # bytes kept of what a command prints that runs for days
# A script's own commands are of its group, and end with it.
_EXEC: Final = f"""\
{LIFELINE}
fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
os.execvp(sys.argv[2], sys.argv[2:])
"""


class Running:
    """A command that writes pictures to `output`, a descriptor, until it is closed.

    Attributes:
        output: where its pictures are read.
        name: the program's.

    Raises:
        SourceError: it cannot be started.
    """

    def __init__(self, command: PipeCommand) -> None:
        program = command.words[0]
        if shutil.which(program) is None:  # else a live run would wait for it for ever
            raise SourceError(f"{program} cannot be started: there is no such program here")
        self.name = os.path.basename(program)  # noqa: PTH119 - a word is no path
        self._raw = command.raw
        lifeline, self._held = os.pipe()
        self.output, pictures = os.pipe()
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._tail, self._closed = b"", False
        of_its_own = command.raw is not None
        words = command.words_for(pictures)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _EXEC, str(lifeline), *words],
                pass_fds=(lifeline, pictures) if of_its_own else (lifeline,),
                stdin=subprocess.DEVNULL,
                stdout=self._said if of_its_own else pictures,
                stderr=self._said,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            os.close(self._held)
            os.close(self.output)
            self._said.close()
            raise SourceError(f"{program} cannot be started: {error}") from None
        finally:
            os.close(lifeline)
            os.close(pictures)
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
            return f"{self.name} has closed its output; it gives no more frames"
        code = self._reap()
        self._said.seek(max(0, self._said.seek(0, os.SEEK_END) - _TAIL))
        lines = (self._tail + self._said.read()).decode(errors="replace").split("\n")
        why = next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")
        refused = ("not-negotiated", "can't handle caps")
        if self._raw is not None and any(words in line for words in refused for line in lines):
            why = f"it does not give {self._raw}, which its caps or GRAY8,WxH: before it ask for"
        why = f": {why}" if why else ""
        return f"{self.name} has ended with code {code} and gives no more frames{why}"

    def close(self) -> None:
        """End it. Closing twice is harmless."""
        if not self._closed:
            self._closed = True
            self._reap()
            self._said.close()
            os.close(self.output)
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
