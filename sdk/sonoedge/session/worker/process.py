"""An engine in a worker process: whatever happens to it, the host lives."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Mapping
from typing import Any, Final

from sonoedge.analysis import Origin
from sonoedge.child_process import child_command, child_settings, interpreter
from sonoedge.descriptors import above_standard, socket_pair
from sonoedge.device.cpu import cpu_wait_ms
from sonoedge.error_tokens import error_of
from sonoedge.errors import RuntimeUnavailable
from sonoedge.session.describing import RegionQuestion
from sonoedge.session.engine import (
    Answer,
    EngineDied,
    EngineFailure,
    EngineReady,
    FrameAnswer,
    GoldenAnswer,
    RegionAnswer,
)
from sonoedge.session.mailbox import Submission
from sonoedge.session.worker.setup import Setup
from sonoedge.session.worker.shared_memory import FrameMemory
from sonoedge.session.worker.wire import Message, Unpacker, pack
from sonoedge.session.worker.wire_analysis import analysis_from
from sonoedge.session.worker.wire_frame import frame_to

NONSENSE: Final = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(OverflowError, StopIteration, RecursionError),
)
PIECE: Final = 1 << 14  # an answer's usual size; a larger buffer would cost page faults


def require_isolation(python: str | None = None) -> str:
    """The interpreter that workers run on, where this system can isolate.

    Args:
        python: the caller's; None takes the one that runs this program.

    Raises:
        InvalidSettings: the caller's is no program that can be run.
        RuntimeUnavailable: this system cannot isolate, or this program is no interpreter.
    """
    if not hasattr(os, "memfd_create"):
        raise RuntimeUnavailable(
            'isolation="process" needs Linux; use isolation="thread" where a crash of the '
            "engine may end the host"
        )
    return interpreter(python)


class ProcessWorker:
    """A worker: a fresh interpreter, no fork, with nothing of the host's memory.

    It is made, and killed, by one long-lived thread: the kernel ends a worker with the
    thread that made it.

    Raises:
        OSError: no process can be started, or no descriptor is left; nothing is left behind.
    """

    def __init__(self, setup: Setup, memory: FrameMemory, python: str | None = None) -> None:
        self._memory = memory
        self._unpacker = Unpacker()
        self._origin: Origin | None = None
        host_end, worker_end = socket_pair()
        try:
            with worker_end:
                self._process = subprocess.Popen(
                    child_command(
                        "session worker", str(worker_end.fileno()), str(memory.fd), python=python
                    ),
                    pass_fds=(worker_end.fileno(), memory.fd),
                    stdout=subprocess.DEVNULL,  # some engines print there
                    **child_settings(),
                )
        except BaseException:
            host_end.close()
            raise
        self._socket = host_end
        self._pidfd = _pidfd(self._process.pid)
        try:
            host_end.sendall(pack({"setup": setup.to_plain()}))
        except BaseException:
            self.kill()
            self._process.wait()
            self.has_ended()
            raise
        host_end.setblocking(False)

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    @property
    def watch(self) -> tuple[int, ...]:
        """The socket, and the process itself."""
        return (self._socket.fileno(),) if self._pidfd < 0 else (self._socket.fileno(), self._pidfd)

    def ask(self, question: Submission | int) -> None:
        """Hand the question over; pixels that are not in the shared memory are copied there."""
        if isinstance(question, Submission):
            offset = self._memory.put(question.frame.pixels)
            message = frame_to(question.frame, question.stream, offset)
        else:
            message = pack({"number": question})
        try:
            self._socket.sendall(message)
        except OSError as error:
            raise EngineDied(self._how_it_ended()) from error

    def describe(self, question: RegionQuestion) -> None:
        """Hand the region over; its frame's pixels must lie in the shared memory."""
        from sonoedge.session.worker.wire_region import region_to  # only where regions are

        frame = question.submission.frame
        offset = self._memory.offset(frame.pixels)
        if offset is None:
            raise ValueError("the frame's pixels do not lie in the shared memory")
        try:
            self._socket.sendall(
                region_to(frame, question.submission.stream, offset, question.region)
            )
        except OSError as error:
            raise EngineDied(self._how_it_ended()) from error

    def collect(self) -> list[Answer]:
        """The answers that have come. A worker that talks nonsense is as good as dead."""
        answers: list[Answer] = []
        try:
            while piece := self._socket.recv(PIECE):
                answers += self._answers(self._feed(piece))
                if len(piece) < PIECE:
                    break
            else:
                raise ConnectionResetError
        except BlockingIOError:
            if not answers and self._process.poll() is not None:
                raise EngineDied(self._how_it_ended()) from None
        except ConnectionError:
            if not answers:
                raise EngineDied(self._how_it_ended()) from None
        return answers

    def end(self) -> None:
        """SIGKILL, and nothing else: any thread may call this."""
        self._process.kill()

    def kill(self) -> bool:
        """SIGKILL; no clean-up in the worker is worth waiting for."""
        self.end()
        self._socket.close()
        return True

    def has_ended(self) -> bool:
        """Whether the kernel has taken the process away."""
        if self._process.poll() is None:
            return False
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1
        return True

    def cpu_wait_ms(self) -> Mapping[str, float]:
        """By the kernel's account."""
        return cpu_wait_ms(self._process.pid)

    def _feed(self, piece: bytes) -> list[Message]:
        try:
            return self._unpacker.feed(piece)
        except NONSENSE as error:
            raise EngineDied(f"the worker's answer makes no sense: {error}") from error

    def _answers(self, messages: list[Message]) -> list[Answer]:
        try:
            return [self._answer(*message) for message in messages]
        except NONSENSE as error:
            raise EngineDied(f"the worker's answer makes no sense: {error}") from error

    def _answer(self, header: Mapping[str, Any], block: bytes) -> Answer:
        kind = header["is"]
        if kind == "ready":
            self._origin = Origin(**header["origin"])
            return EngineReady(
                origin=self._origin, choice=header["choice"], golden=header["golden"]
            )
        if kind == "failed":
            return EngineFailure(error=error_of(header["token"], header["message"]))
        if kind == "golden":
            token = header["token"]
            return GoldenAnswer(error=None if token is None else error_of(token, header["message"]))
        if kind in ("described", "not_described"):
            from sonoedge.session.worker.wire_region import description_from

            return RegionAnswer(description=description_from(header, block))
        if self._origin is None:
            raise ValueError("an answer before the worker was ready")
        return FrameAnswer(analysis=analysis_from(header, block, self._origin))

    def _how_it_ended(self) -> str:
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
        return above_standard(os.pidfd_open(pid))
    except OSError:
        return -1  # an old kernel: the end of the socket tells of the worker's end
