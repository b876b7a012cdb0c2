"""An engine in a thread of this process: quicker by a little, and nothing is isolated."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping

from sonoedge.description import Description
from sonoedge.errors import SonoedgeError
from sonoedge.session.describing import RegionQuestion
from sonoedge.session.describing_thread import DescribingThread
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
from sonoedge.session.wakeup import Wakeup
from sonoedge.session.worker.setup import GoldenChecks, Setup


class ThreadWorker:
    """A crash of the engine is the end of the host; a hung call cannot be ended."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._questions: queue.SimpleQueue[Submission | int | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._wakeup = Wakeup()
        self._killed = self._closed = False
        self._busy = True
        self._words: DescribingThread | None = None
        self._thread = threading.Thread(target=self._run, name="sonoedge-engine", daemon=True)
        self._thread.start()

    @property
    def watch(self) -> tuple[int, ...]:
        """Its bell."""
        return (self._wakeup.fd,)

    def ask(self, question: Submission | int) -> None:
        """Hand the question to the thread."""
        if not self._thread.is_alive():
            raise EngineDied("the engine's thread has ended")
        self._busy = True
        self._questions.put(question)

    def describe(self, question: RegionQuestion) -> None:
        """Hand the region to a thread of its own."""
        words = self._words
        if words is None:
            raise EngineDied("the engine's thread is not ready")
        words.ask(question.submission.frame, question.region)

    def collect(self) -> list[Answer]:
        """The answers that have come."""
        self._wakeup.clear()
        answers: list[Answer] = []
        while not self._answers.empty():
            answers.append(self._answers.get())
        if not answers and not self._thread.is_alive():
            raise EngineDied("the engine's thread has ended")
        return answers

    def kill(self) -> bool:
        """End the thread after its question; False while it is at one."""
        self._killed = True
        self._questions.put(None)
        return not self._busy

    def cpu_wait_ms(self) -> Mapping[str, float]:
        """Not known of an engine's share in this process."""
        return {}

    def has_ended(self) -> bool:
        """Whether the thread has ended; its bell goes with it."""
        if self._thread.is_alive():
            return False
        if not self._closed:
            self._closed = True
            self._wakeup.close()
        return True

    def _run(self) -> None:
        try:
            bundle, analyser = self._setup.open()
        except SonoedgeError as error:
            self._answer(EngineFailure(error=error))
            return
        except Exception as error:  # noqa: BLE001 - told to the session, which raises it
            self._answer(EngineFailure(error=SonoedgeError(f"{type(error).__name__}: {error}")))
            return
        with analyser:
            golden = GoldenChecks(bundle, analyser)
            self._words = DescribingThread(analyser.describe, self._described)
            self._answer(
                EngineReady(origin=analyser.origin, choice=analyser.choice, golden=len(golden))
            )
            while not self._killed:
                question = self._questions.get()
                if isinstance(question, Submission):
                    analysis = analyser.analyse(question.frame, stream=question.stream)
                    self._answer(FrameAnswer(analysis=analysis))
                elif question is not None:
                    self._answer(GoldenAnswer(error=_golden_error(golden, question)))

            self._words.end()

    def _described(self, description: Description) -> None:
        self._answers.put(RegionAnswer(description=description))
        if not self._closed:
            self._wakeup.ring()

    def _answer(self, answer: Answer) -> None:
        self._busy = False
        self._answers.put(answer)
        self._wakeup.ring()


def _golden_error(golden: GoldenChecks, number: int) -> SonoedgeError | None:
    try:
        golden.check(number)
    except SonoedgeError as error:
        return error
    return None
