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
        reusable: an observer that keeps the pixels gives them back to the session's buffers.
    """

    submission: Submission
    answer: Analysis | None
    result: Analysis | None
    at_ns: int
    reusable: bool


class FrameObserver(Protocol):
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

    def engine_returns(self) -> None:
        """The engine before the present one goes on, with all that it remembers."""
        ...


class Departures:
    """What becomes of a frame's pixels when it has its outcome.

    Attributes:
        observer: None where nobody listens.
    """

    def __init__(self, buffers: Buffers, clock_ns: Callable[[], int]) -> None:
        self._buffers = buffers
        self._clock_ns = clock_ns
        self.observer: FrameObserver | None = None

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
            reuse: False where something else still reads the frame's pixels: what gives them
                back itself, or, without an answer, an engine that hangs and never will.
        """
        copied = submission.refused is None  # what was refused may be no frame at all
        # An engine that has answered reads no more: then somebody else does, who gives it back.
        shared = copied and not reuse and answer is not None
        reusable = copied and (reuse or shared)
        if shared:
            self._buffers.share(submission.frame.pixels)
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

    def engine_returns(self) -> None:
        """Tell the observer that the engine before the present one goes on."""
        observer = self.observer
        if observer is not None:
            observer.engine_returns()
