"""Starting, asking and ending a reader's process."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sonoedge.errors import RuntimeUnavailable, SourceCrashed
from sonoedge.sources.child.limits import Limits
from sonoedge.sources.child.memory import Slots, make_memory
from sonoedge.sources.child.wire import (
    LONGEST,
    failed_from,
    pack,
    picture_from,
    place_from,
    unpack,
)
from sonoedge.sources.formats import codecs
from sonoedge.sources.picture import Picture

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What messages say of a process that fails.

    Attributes:
        failure: what has become of the source.
        process: what the process is to whoever opened the source.
        remedy: what to ask or do.
    """

    failure: str = "cannot be decoded"
    process: str = "the process that decodes it"
    remedy: str = "is it damaged?"


DECODING: Final = Wording()

# Before anything is imported the process ties its life to the host's: the kernel kills it
# when the last writing end of the pipe is closed, which nobody but the host holds. The usual
# way, prctl(PR_SET_PDEATHSIG), would end it with the *thread* that started it, and a source
# may be opened by one thread and read by another. Ctrl-C is for the host to handle.
LIFELINE: Final = """\
import fcntl, os, select, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
lifeline = int(sys.argv[1])
fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
fcntl.fcntl(lifeline, fcntl.F_SETSIG, int(signal.SIGKILL))
fcntl.fcntl(lifeline, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
if select.select([lifeline], [], [], 0)[0]:
    os._exit(1)
"""
BOOT: Final = f"""\
{LIFELINE}
socket, memory, memory_mib, cpu_s, file_mib = map(int, sys.argv[2:])
sys.path[:] = [p for p in sys.path if p]
from sonoedge.sources.child.main import main
main(socket, memory, memory_mib, cpu_s, file_mib)
"""


def require_isolation() -> None:
    """Whether this system and program can read files in a process of their own.

    Raises:
        RuntimeUnavailable: they cannot.
    """
    remedy = 'use isolation="none" where a damaged file may end the host'
    if not hasattr(os, "memfd_create"):
        raise RuntimeUnavailable(f"files are decoded in a process, which needs Linux; {remedy}")
    if getattr(sys, "frozen", False):
        raise RuntimeUnavailable(
            f"files are decoded by a second Python, which a frozen program lacks; {remedy}"
        )


class Process:
    """A fresh interpreter, no fork, with nothing of the host's memory.

    Calls come from one thread at a time, whichever it is.
    """

    def __init__(self, limits: Limits, wording: Wording = DECODING) -> None:
        require_isolation()
        self._limits, self._wording = limits, wording
        self._socket, child_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        lifeline, held = os.pipe()
        memory = make_memory()
        try:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-c", BOOT, str(lifeline)),
                    *(str(child_end.fileno()), str(memory)),
                    *(str(limits.memory_mib), str(limits.cpu_s), str(limits.file_mib)),
                ],
                pass_fds=(lifeline, child_end.fileno(), memory),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # decoders print there what a file holds
                env=_environment(),
                start_new_session=True,
            )
            self._slots = Slots(memory, writable=False)
        except BaseException:
            self._socket.close()
            os.close(held)
            raise
        finally:
            child_end.close()
            os.close(lifeline)
            os.close(memory)
        self._end = weakref.finalize(self, _end, self._process, self._socket, held, os.getpid())

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._end.alive

    def send(self, message: Mapping[str, Any], name: str) -> None:
        """Ask something.

        Raises:
            SourceCrashed: the process has ended.
        """
        try:
            self._socket.sendall(pack(message))
        except OSError:
            raise self._crashed(name) from None

    def receive(self, timeout_s: float, name: str, what: str) -> Mapping[str, Any]:
        """Its next message.

        Args:
            name: the file's name, for messages.
            what: what is waited for, for messages.

        Raises:
            SourceCrashed: it has ended, did not answer in time, or sends nonsense.
            SonoedgeError: what the reader raised.
        """
        end_s = time.monotonic() + timeout_s
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        while not poll.poll(max(0.0, end_s - time.monotonic()) * 1e3):
            if time.monotonic() >= end_s:
                self.kill()
                raise SourceCrashed(
                    f"{name} took longer than {timeout_s:g} s {what}; {self._wording.remedy}"
                )
        try:
            data = self._socket.recv(LONGEST + 1)
        except OSError:
            data = b""
        if not data:
            raise self._crashed(name)
        message = self.checked(unpack, data, name)
        if message.get("is") == "failed":
            raise self.checked(failed_from, message, name)
        return message

    def picture(self, message: Mapping[str, Any], name: str) -> Picture:
        """The picture of a message; its slot is free again.

        Raises:
            SourceCrashed: the message makes no sense.
        """
        slot, shape = self.checked(place_from, message, name)
        pixels = self._slots.take(slot, shape)
        picture = self.checked(lambda value: picture_from(value, pixels), message, name)
        with contextlib.suppress(OSError):  # it has ended; what it sent before still waits
            self._socket.sendall(pack({"free": slot}))
        return picture

    def checked(self, parse: Callable[[S], T], value: S, name: str) -> T:
        """Parse what the process sent; one that sends nonsense is ended.

        Raises:
            SourceCrashed: it cannot be parsed.
        """
        try:
            return parse(value)
        except ValueError as error:
            self.kill()
            raise self._lost(name, f"sent a message that makes no sense ({error})") from None

    def kill(self) -> None:
        """End it; killing twice is harmless. It also ends when nothing refers to it."""
        self._end()

    def _crashed(self, name: str) -> SourceCrashed:
        try:
            code = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            code = None
        self.kill()
        return self._lost(name, _ending(code))

    def _lost(self, name: str, how: str) -> SourceCrashed:
        words = self._wording
        return SourceCrashed(f"{name} {words.failure}: {words.process} {how}; {words.remedy}")


def _end(
    process: subprocess.Popen[bytes], connection: socket.socket, lifeline: int, owner: int
) -> None:
    connection.close()
    os.close(lifeline)
    if os.getpid() == owner:  # a fork of the host has a copy of this, and no business with it
        process.kill()
        process.wait()


def _ending(code: int | None) -> str:
    if code is None:
        return "closed its connection"
    if code == -signal.SIGXCPU:
        return "used up its processor time"
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _environment() -> dict[str, str]:
    settings = {
        # The numerical libraries' pools of threads map memory, and decoding uses none.
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
        codecs.VARIABLE: codecs.OPTIONS,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    environment = os.environ | settings
    for variable in codecs.HIDING:
        environment.pop(variable, None)
    return environment
