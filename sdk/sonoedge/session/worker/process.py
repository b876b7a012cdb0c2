"""An engine in a worker process: whatever happens to it, the host lives."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Final

from sonoedge import errors
from sonoedge.analysis import Origin
from sonoedge.device.cpu import waited_ms
from sonoedge.errors import EngineFailed, RuntimeUnavailable, SonoedgeError
from sonoedge.session.engine import Answer, Done, EngineDied, Failed, GoldenDone, Ready
from sonoedge.session.mailbox import Job
from sonoedge.session.worker.setup import Setup
from sonoedge.session.worker.shared_memory import FrameMemory
from sonoedge.session.worker.wire import Message, Unpacker, pack
from sonoedge.session.worker.wire_analysis import analysis_from
from sonoedge.session.worker.wire_frame import frame_to

# Before anything is imported the worker ties its life to the host's: a host that died in
# the meantime is no parent any more. Ctrl-C in a terminal is for the host to handle.
BOOT: Final = """\
import ctypes, os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    os._exit(1)
sys.path[:] = [p for p in sys.path if p]
from sonoedge.session.worker.main import main
main(int(sys.argv[2]), int(sys.argv[3]))
"""

PIECE: Final = 1 << 14  # an answer's usual size; a larger buffer would cost page faults


def require_isolation() -> None:
    """Whether this system can isolate.

    Raises:
        RuntimeUnavailable: it cannot.
    """
    if not hasattr(os, "memfd_create"):
        raise RuntimeUnavailable(
            'isolation="process" needs Linux; use isolation="thread" where a crash of the '
            "engine may end the host"
        )


class ProcessEngine:
    """A worker: a fresh interpreter, no fork, with nothing of the host's memory.

    It is made, and killed, by one long-lived thread: the kernel ends a worker with the
    thread that made it.
    """

    def __init__(self, setup: Setup, memory: FrameMemory, python: str | None = None) -> None:
        self._memory = memory
        self._unpacker = Unpacker()
        self._origin: Origin | None = None
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [
                    python or sys.executable,
                    *("-c", BOOT, str(os.getpid()), str(theirs.fileno()), str(memory.fd)),
                ],
                pass_fds=(theirs.fileno(), memory.fd),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # some engines print there
                env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
                start_new_session=True,
            )
        self._socket = ours
        self._pidfd = _pidfd(self._process.pid)
        ours.sendall(pack({"setup": setup.to_plain()}))
        ours.setblocking(False)

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    @property
    def watch(self) -> tuple[int, ...]:
        """The socket, and the process itself."""
        return (self._socket.fileno(),) if self._pidfd < 0 else (self._socket.fileno(), self._pidfd)

    def ask(self, question: Job | int) -> None:
        """Hand the question over; pixels that are not in the shared memory are copied there."""
        if isinstance(question, Job):
            offset = self._memory.put(question.frame.pixels)
            message = frame_to(question.frame, question.stream, offset)
        else:
            message = pack({"number": question})
        try:
            self._socket.sendall(message)
        except (ConnectionError, BlockingIOError) as error:
            raise EngineDied(self._how()) from error

    def collect(self) -> list[Answer]:
        """The answers that have come. A worker that talks nonsense is as good as dead."""
        answers: list[Answer] = []
        try:
            while piece := self._socket.recv(PIECE):
                answers += self._read_all(self._feed(piece))
                if len(piece) < PIECE:
                    break
            else:
                raise ConnectionResetError
        except BlockingIOError:
            if not answers and self._process.poll() is not None:
                raise EngineDied(self._how()) from None
        except ConnectionError:
            if not answers:
                raise EngineDied(self._how()) from None
        return answers

    def kill(self) -> bool:
        """SIGKILL; no clean-up in the worker is worth waiting for."""
        self._process.kill()
        self._socket.close()
        return True

    def gone(self) -> bool:
        """Whether the kernel has taken the process away."""
        if self._process.poll() is None:
            return False
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1
        return True

    def waited_ms(self) -> Mapping[str, float]:
        """By the kernel's account."""
        return waited_ms(self._process.pid)

    def _feed(self, piece: bytes) -> list[Message]:
        try:
            return self._unpacker.feed(piece)
        except ValueError as error:
            raise EngineDied(f"the worker's answer makes no sense: {error}") from error

    def _read_all(self, messages: list[Message]) -> list[Answer]:
        try:
            return [self._read(*message) for message in messages]
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise EngineDied(f"the worker's answer makes no sense: {error}") from error

    def _read(self, said: Mapping[str, Any], block: bytes) -> Answer:
        kind = said["is"]
        if kind == "ready":
            self._origin = Origin(**said["origin"])
            return Ready(origin=self._origin, choice=said["choice"], golden=said["golden"])
        if kind == "failed":
            return Failed(error=_error(said["token"], said["message"]))
        if kind == "golden":
            token = said["token"]
            return GoldenDone(error=None if token is None else _error(token, said["message"]))
        if self._origin is None:
            raise ValueError("an answer before the worker was ready")
        return Done(analysis=analysis_from(said, block, self._origin))

    def _how(self) -> str:
        """How it ended, if that is known within a moment."""
        if self._pidfd >= 0:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            poll.poll(5)
        code = self._process.poll()
        if code is None:
            return "the engine's process closed its connection"
        if code < 0:
            return f"the engine's process was ended by {signal.Signals(-code).name}"
        return f"the engine's process ended with exit code {code}"


def _pidfd(pid: int) -> int:
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1  # an old kernel: the end of the socket tells of the worker's end


def _error(token: str, message: str) -> SonoedgeError:
    """The error of this token again; the tree is small."""
    known: list[type[SonoedgeError]] = [SonoedgeError]
    for cls in known:
        if cls.token == token and cls.__module__ == errors.__name__:
            return cls(message)
        known += cls.__subclasses__()
    return EngineFailed(f"{token}: {message}")
