"""An engine in a thread of this process: quicker by a little, and nothing is isolated."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping

from sonoedge.errors import SonoedgeError
from sonoedge.session.engine import Answer, Done, EngineDied, Failed, GoldenDone, Ready
from sonoedge.session.mailbox import Job
from sonoedge.session.wakeup import Bell
from sonoedge.session.worker.setup import GoldenChecks, Setup


class ThreadEngine:
    """A crash of the engine is the end of the host; a hung call cannot be ended."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._questions: queue.SimpleQueue[Job | int | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._bell = Bell()
        self._killed = self._closed = False
        self._busy = True
        self._thread = threading.Thread(target=self._run, name="sonoedge-engine", daemon=True)
        self._thread.start()

    @property
    def watch(self) -> tuple[int, ...]:
        """Its bell."""
        return (self._bell.fd,)

    def ask(self, question: Job | int) -> None:
        """Hand the question to the thread."""
        if not self._thread.is_alive():
            raise EngineDied("the engine's thread has ended")
        self._busy = True
        self._questions.put(question)

    def collect(self) -> list[Answer]:
        """The answers that have come."""
        self._bell.clear()
        found: list[Answer] = []
        while not self._answers.empty():
            found.append(self._answers.get())
        if not found and not self._thread.is_alive():
            raise EngineDied("the engine's thread has ended")
        return found

    def kill(self) -> bool:
        """End the thread after its question; False while it is at one."""
        self._killed = True
        self._questions.put(None)
        return not self._busy

    def waited_ms(self) -> Mapping[str, float]:
        """Not known of an engine's share in this process."""
        return {}

    def gone(self) -> bool:
        """Whether the thread has ended; its bell goes with it."""
        if self._thread.is_alive():
            return False
        if not self._closed:
            self._closed = True
            self._bell.close()
        return True

    def _run(self) -> None:
        try:
            analyser = self._setup.open()
        except SonoedgeError as error:
            self._answer(Failed(error=error))
            return
        except Exception as error:  # noqa: BLE001 - told to the session, which raises it
            self._answer(Failed(error=SonoedgeError(f"{type(error).__name__}: {error}")))
            return
        with analyser:
            golden = GoldenChecks(self._setup, analyser)
            self._answer(Ready(origin=analyser.origin, choice=analyser.choice, golden=len(golden)))
            while not self._killed:
                question = self._questions.get()
                if isinstance(question, Job):
                    done = analyser.analyse(question.frame, stream=question.stream)
                    self._answer(Done(analysis=done))
                elif question is not None:
                    self._answer(GoldenDone(error=_asked(golden, question)))

    def _answer(self, answer: Answer) -> None:
        self._busy = False
        self._answers.put(answer)
        self._bell.ring()


def _asked(golden: GoldenChecks, number: int) -> SonoedgeError | None:
    try:
        golden.check(number)
    except SonoedgeError as error:
        return error
    return None
