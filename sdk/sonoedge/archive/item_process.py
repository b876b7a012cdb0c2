"""The host's side of the process that analyses items: starting, asking and ending it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sonoedge.archive.items import Item
from sonoedge.archive.job import Job, differences, digest
from sonoedge.archive.outcome import Done, ItemOutcome
from sonoedge.archive.parts import Parts
from sonoedge.child_process import child_command, child_settings
from sonoedge.closing import Closing
from sonoedge.error_tokens import error_of
from sonoedge.errors import ScreeningStopped

_START_S: Final = 180.0  # an engine is loaded, warmed up and asked its golden frames
_LONGEST: Final = 1 << 20  # bytes of one answer
# Once more: what killed it the first time may have been this machine's, not the item's.
_TRIES: Final = 2


class _Ended(Exception):
    """The process ended, or gave no answer in time."""

    def __init__(self, outcome: ItemOutcome, how: str) -> None:
        super().__init__(how)
        self.outcome, self.how = outcome, how


class ItemProcess(Closing):
    """Analyses items in a process, which is started at the first of them and after a crash.

    Calls come from one thread, which must live as long: the kernel ends the process with it.

    Args:
        job: see there; its variant is left open only for `ready`.
        expected: the identity that the process must have; None takes any.
        worker: what the ledger calls it.
    """

    def __init__(
        self,
        job: Job,
        expected: dict[str, Any] | None,
        *,
        worker: str = "",
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._job, self._expected, self._worker, self._clock_s = job, expected, worker, clock_s
        self._process: subprocess.Popen[bytes] | None = None
        self._pending = b""
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Let the call that another thread is in end soon, with ScreeningStopped."""
        self._stopping.set()
        process = self._process
        if process is not None:
            process.kill()

    @property
    def pid(self) -> int | None:
        """The process's id; None before it is started."""
        return None if self._process is None else self._process.pid

    def ready(self) -> dict[str, Any]:
        """Start it, unless it runs; returns its identity.

        Raises:
            SonoedgeError: it cannot open the bundle.
            ScreeningStopped: it is not what is expected, or does not start.
        """
        answer = self._first_answer()
        if answer.get("is") == "refused":
            self.close()
            raise error_of(answer["token"], answer["message"])
        identity: dict[str, Any] = answer["identity"]
        if self._expected is not None and identity != self._expected:
            self.close()
            raise ScreeningStopped(
                f"this machine differs from the one that began "
                f"({differences(self._expected, identity)}); install the same there"
            )
        self._expected = identity
        self._job = replace(self._job, variant=identity["variant"])  # of the next process as well
        return identity

    def screen(self, item: Item) -> Done:
        """Analyse an item; it has its part when this returns.

        Raises:
            ScreeningStopped: this machine cannot go on; it says nothing of the item.
            SonoedgeError: the bundle cannot be opened any more.
        """
        begin_s = self._clock_s()
        tries = 0
        while True:
            tries += 1
            begun: dict[str, Any] = {}
            try:
                done = self._try(item, begun)
                break
            except _Ended as ended:
                self.close()
                if self._stopping.is_set():
                    raise ScreeningStopped("it was asked to stop") from None
                if ended.outcome is ItemOutcome.TIMEOUT or tries == _TRIES:
                    done = self._failed(item, ended, begun)
                    break
        seconds = round(self._clock_s() - begin_s, 3)
        return replace(done, seconds=seconds, worker=self._worker, tries=tries)

    def _first_answer(self) -> dict[str, Any]:
        for tries in range(1, _TRIES + 1):
            self._start()
            try:
                return self._receive(self._clock_s() + _START_S)
            except _Ended as ended:
                self.close()
                if tries == _TRIES or self._stopping.is_set():
                    raise ScreeningStopped(
                        f"a worker's process does not start: {ended.how}"
                    ) from None
        raise AssertionError

    def _try(self, item: Item, begun: dict[str, Any]) -> Done:
        if self._process is None:
            self.ready()
        process = self._process
        assert process is not None
        assert process.stdin is not None
        end_s = self._clock_s() + self._job.limit_s
        try:
            process.stdin.write(item.to_json().encode() + b"\n")
            process.stdin.flush()
        except OSError:
            raise _Ended(ItemOutcome.CRASHED, self._ending()) from None
        while True:
            answer = self._receive(end_s)
            kind = answer.get("is")
            if kind == "begun":
                begun.update(answer)
            elif kind == "done":
                return Done.from_json(answer["done"])
            elif kind == "machine":
                self.close()
                raise ScreeningStopped(f"{answer['token']}: {answer['message']}")
            else:
                raise _Ended(ItemOutcome.CRASHED, str(answer.get("message")))

    def _failed(self, item: Item, ended: _Ended, begun: dict[str, Any]) -> Done:
        assert self._expected is not None
        parts = Parts(Path(self._job.out), digest(self._expected))
        if not begun and parts.end(item.id) is not None:
            raise ScreeningStopped(
                f"{item.id} could not be read again ({ended.how}), and its part stays; see to the "
                "archive, or give a larger --limit-s"
            )
        try:
            parts.failed(item, ended.outcome, ended.how, begun.get("sha256"), begun.get("bytes"))
        except OSError as error:
            raise ScreeningStopped(f"a part cannot be written: {error.strerror}") from None
        return Done(item=item.id, name=item.name, outcome=ended.outcome, detail=ended.how)

    def _start(self) -> None:
        self.close()
        if self._stopping.is_set():
            raise ScreeningStopped("it was asked to stop")
        answers, answers_end = os.pipe()
        items_end, items = os.pipe()
        command = child_command(
            "archive item", self._job.to_json(), str(answers_end), str(items_end)
        )
        settings = child_settings()
        try:
            process = subprocess.Popen(
                command,
                pass_fds=(answers_end, items_end),
                stdout=subprocess.DEVNULL,
                **settings,
            )
        except OSError as error:
            raise ScreeningStopped(f"no process can be started: {error.strerror}") from None
        finally:
            os.close(answers_end)
            os.close(items_end)
        process.stdin = os.fdopen(items, "wb")
        process.stdout = os.fdopen(answers, "rb", buffering=0)
        self._process, self._pending = process, b""

    def _receive(self, end_s: float) -> dict[str, Any]:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        poll = select.poll()
        poll.register(process.stdout, select.POLLIN)
        while b"\n" not in self._pending:
            left_s = end_s - self._clock_s()
            if left_s <= 0 or len(self._pending) > _LONGEST:
                how = f"it took longer than {self._job.limit_s:g} s"
                raise _Ended(ItemOutcome.TIMEOUT, how)
            if poll.poll(min(left_s, 3600.0) * 1e3):
                data = os.read(process.stdout.fileno(), 1 << 16)
                if not data:
                    raise _Ended(ItemOutcome.CRASHED, self._ending())
                self._pending += data
        line, _, self._pending = self._pending.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _ending(self) -> str:
        assert self._process is not None
        try:
            code = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            return "its process closed its connection"
        if code < 0:
            return f"its process was ended by {signal.Signals(-code).name}"
        return f"its process ended with exit code {code}"

    def close(self) -> None:
        """End the process. Closing twice is harmless; the next item starts another one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
