"""Beside an engine: describes a region on a thread of its own, so that no frame waits for it."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from typing import Final

from sonoedge.analysis import Region
from sonoedge.description import Description, NotDescribed, NotDescribedReason
from sonoedge.foreign_error import describe_foreign
from sonoedge.frames import Frame

Describe = Callable[[Frame, Region], Description]

# A frame's thread that wants the interpreter gets it from this one after so long, seconds.
_SWITCH_S: Final = 0.0005


class DescribingThread:
    """Begins with the first question, and ends with its process or by `end`.

    Args:
        describe: `Analyser.describe`.
        tell: gets each description, on this thread.
    """

    def __init__(self, describe: Describe, tell: Callable[[Description], None]) -> None:
        self._describe = describe
        self._tell = tell
        self._questions: queue.SimpleQueue[tuple[Frame, Region] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def ask(self, frame: Frame, region: Region) -> None:
        """Begin to describe; returns at once."""
        if self._thread is None:
            sys.setswitchinterval(min(_SWITCH_S, sys.getswitchinterval()))
            self._thread = threading.Thread(target=self._run, name="sonoedge-words", daemon=True)
            self._thread.start()
        self._questions.put((frame, region))

    def end(self) -> None:
        """No more questions; what is being described is left to end by itself."""
        self._questions.put(None)

    def _run(self) -> None:
        while (question := self._questions.get()) is not None:
            try:
                description = self._describe(*question)
            except Exception as error:  # noqa: BLE001 - it is told, as the answer
                description = NotDescribed(
                    reason=NotDescribedReason.INTERNAL_ERROR, detail=describe_foreign(error)
                )
            self._tell(description)
