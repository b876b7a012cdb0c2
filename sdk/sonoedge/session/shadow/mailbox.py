"""Where the session's thread lays down a frame for the candidate: one, the newest, no waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from sonoedge.analysis import Analysed, Analysis
from sonoedge.session.mailbox import Pixels, Submission
from sonoedge.session.shadow.status import ShadowReason
from sonoedge.session.shadow.tally import ShadowTally
from sonoedge.session.wakeup import Wakeup


class Pair(NamedTuple):
    """A frame, and what the bundle that counts has answered."""

    submission: Submission
    active: Analysed


class ShadowMailbox:
    """Between the session's thread and the candidate's; no method waits for either.

    Args:
        every: one of so many analysed frames is due.
        tally: every frame that is due is counted there.
        is_calm: whether the session is READY and no frame waits in it.
        give_back: takes pixels that nobody here reads any more.

    Attributes:
        open: frames are taken: the candidate is ready for them.
        given_up: no frame is due any more.
        closed: the session is over: its frames' memory is to go at once, and no pixels are kept
            for later frames.
        wakeup: rung when a frame lies here.
    """

    def __init__(
        self,
        every: int,
        tally: ShadowTally,
        *,
        is_calm: Callable[[], bool],
        give_back: Callable[[Pixels], None],
    ) -> None:
        self._every = every
        self._tally = tally
        self.is_calm = is_calm
        self._give_back = give_back
        self._analysed = 0  # counted by the session's thread alone
        self._lock = threading.Lock()
        self._waiting: Pair | None = None
        self.open = self.given_up = self.closed = False
        self.wakeup = Wakeup()

    def is_due(self, analysis: Analysis) -> bool:
        """Whether this frame is to be shown; its pixels are then for `offer` to give back."""
        if self.given_up or self.closed or not isinstance(analysis, Analysed):
            return False
        self._analysed += 1
        return self._analysed % self._every == 0

    def offer(self, submission: Submission, outcome: Analysis) -> None:
        """Lay down a frame that is due; a newer one takes its place.

        Args:
            outcome: what the session made of it; too late, it is nothing to compare with.
        """
        if not isinstance(outcome, Analysed):
            self._release(submission)
            return
        pair = Pair(submission, outcome)
        self._tally.due(outcome)
        if not self.is_calm():
            self.leave_out(pair, ShadowReason.SESSION_BUSY)
            return
        with self._lock:
            taken = self.open
            if taken:
                overtaken, self._waiting = self._waiting, pair
        if not taken:
            self.leave_out(pair, ShadowReason.NOT_RUNNING)
            return
        if overtaken is not None:
            self.leave_out(overtaken, ShadowReason.SUPERSEDED)
        self.wakeup.ring()

    def take(self) -> Pair | None:
        """The frame to show now; None where none lies here, or the session is busy by now."""
        with self._lock:
            pair, self._waiting = self._waiting, None
        if pair is not None and not self.is_calm():
            self.leave_out(pair, ShadowReason.SESSION_BUSY)
            return None
        return pair

    def shut(self) -> None:
        """The candidate takes no frame at the moment."""
        with self._lock:
            self.open = False
            pair, self._waiting = self._waiting, None
        if pair is not None:
            self.leave_out(pair, ShadowReason.NOT_RUNNING)

    def give_back(self, pair: Pair) -> None:
        """Nobody here reads its pixels any more."""
        self._release(pair.submission)

    def leave_out(self, pair: Pair, why: ShadowReason) -> None:
        """It will not be shown."""
        self._tally.left_out(pair.active, why)
        self.give_back(pair)

    def _release(self, submission: Submission) -> None:
        if not self.closed:
            self._give_back(submission.frame.pixels)
