"""One waiting frame per stream: the newest wins, and the streams take turns."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Reason
from sonoedge.frames import Frame

Pixels = npt.NDArray[np.uint8]
SHAPES, SPARE = 4, 4  # buffers kept: of so many shapes, so many of each


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ticket:
    """What is known of a submitted frame when its pixels are gone.

    Attributes:
        frame_id, stream: as `submit` gave and got them.
        born_ns: capture time, or the time of submission where capture claims to be later.
    """

    frame_id: int
    stream: str
    born_ns: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Submission(Ticket):
    """A submitted frame.

    Attributes:
        frame: with pixels of our own.
        refused: what is wrong with the frame's form, before any engine sees it.
        detail: one sentence on that.
    """

    frame: Frame
    refused: Reason | None = None
    detail: str = ""

    @property
    def ticket(self) -> Ticket:
        """The frame without its pixels."""
        return Ticket(frame_id=self.frame_id, stream=self.stream, born_ns=self.born_ns)


class Mailbox:
    """Not thread-safe: a session's lock guards it."""

    def __init__(self) -> None:
        self._waiting: dict[str, Submission] = {}
        self._turns: deque[str] = deque()

    def put(self, submission: Submission) -> Submission | None:
        """Lay a frame down; returns the one that it supersedes.

        Where two threads submit to one stream, the later id wins: it may be this one.
        """
        waiting = self._waiting.get(submission.stream)
        if waiting is not None and waiting.frame_id > submission.frame_id:
            return submission
        if waiting is None:
            self._turns.append(submission.stream)
        self._waiting[submission.stream] = submission
        return waiting

    def take(self) -> Submission | None:
        """The frame of the stream that has waited longest for its turn."""
        if not self._turns:
            return None
        return self._waiting.pop(self._turns.popleft())

    def __len__(self) -> int:
        return len(self._waiting)


class Buffers:
    """Copies of pixels in memory that is used again.

    A fresh array of a frame's size costs page faults, several times the copy itself.
    `empty` makes an uninitialised uint8 array of a shape.
    """

    def __init__(self, empty: Callable[[tuple[int, ...]], Pixels] | None = None) -> None:
        self._empty = empty or (lambda shape: np.empty(shape, dtype=np.uint8))
        self._spare: dict[tuple[int, ...], list[Pixels]] = {}
        self._further_readers: dict[int, int] = {}
        self._lock = threading.Lock()  # of those: they are of several threads

    def copy(self, pixels: Pixels) -> Pixels:
        """The same pixels, contiguous, in an array of ours."""
        try:
            copied = self._spare[pixels.shape].pop()
        except (KeyError, IndexError):
            copied = self._empty(pixels.shape)
        np.copyto(copied, pixels)
        return copied

    def share(self, pixels: Pixels) -> None:
        """One more reads this array: it takes one `give_back` more until it is free."""
        with self._lock:
            self._further_readers[id(pixels)] = self._further_readers.get(id(pixels), 0) + 1

    def give_back(self, pixels: Pixels) -> None:
        """Whoever calls reads this array no more; when nobody does, it is used again."""
        with self._lock:
            further = self._further_readers.pop(id(pixels), 0)
            if further > 1:
                self._further_readers[id(pixels)] = further - 1
        if further:
            return
        spare = self._spare.get(pixels.shape)
        if spare is None:
            if len(self._spare) >= SHAPES:
                self._spare = {}
            spare = self._spare.setdefault(pixels.shape, [])
        if len(spare) < SPARE:
            spare.append(pixels)

    def clear(self) -> None:
        """Let go of the arrays: the memory behind them may be given back."""
        self._spare = {}
