"""Frames that leave the session: an observer, such as a recording, may hear and keep them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sonoedge.analysis import Analysis, Origin
from sonoedge.session.mailbox import Buffers, Submission


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settlement:
    """A frame's outcome.

    Attributes:
        submission: the frame; its pixels are the session's unless it was refused.
        answer: the engine's, however late it came; None where no engine gave one.
        result: what the frame was told; None where a newer frame superseded it.
        at_ns: this moment, by the session's clock.
        reusable: nobody reads the pixels any more.
    """

    submission: Submission
    answer: Analysis | None
    result: Analysis | None
    at_ns: int
    reusable: bool


class Observer(Protocol):
    """Called by the session's threads, with no lock held: it neither waits nor raises."""

    def settled(self, settlement: Settlement) -> bool:
        """A frame has its outcome; answers come in the order in which the engine gave them.

        Returns:
            True where the observer keeps the pixels, which are the session's no more.
        """
        ...

    def engine_ready(self, origin: Origin) -> None:
        """An engine begins, the first or another one, which remembers no frame."""
        ...


class Departures:
    """What becomes of a frame's pixels when it has its outcome.

    Attributes:
        observer: None where nobody listens.
    """

    def __init__(self, buffers: Buffers, clock_ns: Callable[[], int]) -> None:
        self._buffers = buffers
        self._clock_ns = clock_ns
        self.observer: Observer | None = None

    def leave(
        self,
        submission: Submission,
        answer: Analysis | None = None,
        result: Analysis | None = None,
        *,
        reuse: bool = True,
    ) -> None:
        """A frame leaves; its buffer is free again unless the observer keeps it.

        Args:
            answer, result: as in `Settlement`.
            reuse: False where something may still read the frame's pixels.
        """
        reusable = reuse and submission.refused is None  # of a refused one there is no copy
        observer = self.observer
        if observer is not None and observer.settled(
            Settlement(
                submission=submission,
                answer=answer,
                result=result,
                at_ns=self._clock_ns(),
                reusable=reusable,
            )
        ):
            return
        if reusable:
            self._buffers.give_back(submission.frame.pixels)

    def engine_ready(self, origin: Origin) -> None:
        """Tell the observer of another engine."""
        observer = self.observer
        if observer is not None:
            observer.engine_ready(origin)
