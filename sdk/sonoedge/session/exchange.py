"""What submitters, engine and callback share, under one lock.

A frame comes in at `put`, goes to the engine with `take`, and gets its outcome with
`finish`; a callback's thread fetches it with `fetch`. Where a callback is too slow, a
newer result of the stream takes the place of the one that waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from sonoedge.analysis import Analysed, Analysis, NotAnalysed, Origin, Reason
from sonoedge.session.departures import Departures
from sonoedge.session.ledger import Ledger
from sonoedge.session.mailbox import Buffers, Mailbox, Submission, Ticket
from sonoedge.session.observer import SessionObserver
from sonoedge.session.outbox import Outbox
from sonoedge.session.outcomes import Outcomes
from sonoedge.session.refusals import REFUSAL, TROUBLE
from sonoedge.session.standing import Standing
from sonoedge.session.states import HealthRules, State, StateReason, Status

Clock = Callable[[], int]


class Exchange:
    """The frames, results and state of one session. Every method may be called from any thread."""

    def __init__(
        self,
        *,
        max_age_ns: int,
        rules: HealthRules,
        placeholder: Origin,
        delivers: bool,
        clock_ns: Clock,
        buffers: Buffers | None = None,
        observer: SessionObserver | None = None,
    ) -> None:
        self.observer = observer or SessionObserver()
        self._lock = threading.Lock()
        self._result_ready = threading.Condition(self._lock)
        self._frame_settled = threading.Condition(self._lock)
        self._ledger = Ledger()
        self._mailbox = Mailbox()
        self._outcomes = Outcomes(max_age_ns=max_age_ns, placeholder=placeholder, clock_ns=clock_ns)
        self.standing = Standing(self._lock, rules, self._outcomes, clock_ns, self.observer)
        self._health = self.standing.health
        self._delivers = delivers
        self._clock_ns = clock_ns
        self._latest: dict[str, tuple[Ticket, Analysis]] = {}
        self._outbox = Outbox()
        self._callback_errors = 0
        self._abandoned = False
        self.closed = False
        self.buffers = buffers or Buffers()
        self.departures = Departures(self.buffers, clock_ns)

    # Frames on their way in.

    def open(self) -> int:
        """A new frame's id."""
        with self._lock:
            return self._ledger.open()

    def put(self, submission: Submission) -> None:
        """Lay a frame down; it, or the one that it supersedes, may be settled at once."""
        result = None
        with self._lock:
            if self.closed or self._abandoned:
                reason = Reason.CLOSED if self.closed else Reason.FAULT
                result = self._outcomes.refused(submission, reason)
                self._settle(submission.frame_id, result)
                leaving: Submission | None = submission
            else:
                leaving = self._mailbox.put(submission)
                if leaving is not None:
                    self._ledger.superseded(leaving.frame_id)
        if leaving is not None:
            self.departures.leave(leaving, result=result)

    def take(self) -> Submission | None:
        """The next frame that is worth an engine's time; the others get their outcome."""
        while True:
            with self._lock:
                submission = self._mailbox.take()
                refusal = REFUSAL.get(self._health.state)
            if submission is None:
                return None
            if submission.refused is not None:
                self.refuse(submission, submission.refused, submission.detail)
            elif refusal is not None:
                self.refuse(submission, refusal)
            elif self._outcomes.too_old(submission, self._clock_ns()):
                self.refuse(submission, Reason.STALE, "too old before it was its turn")
            else:
                return submission

    def flush(self) -> None:
        """While no engine takes frames, tell those that wait why."""
        if self.standing.state in REFUSAL:
            while (submission := self.take()) is not None:
                self.refuse(submission, Reason.UNAVAILABLE)

    # Outcomes.

    def finish(
        self,
        submission: Submission,
        analysis: Analysis,
        *,
        answered: bool = True,
        reuse: bool = True,
    ) -> Analysis:
        """A frame's outcome; after closing that is CLOSED, for nobody is told the answer.

        Args:
            answered: the analysis is the engine's.
            reuse: False where something may still read the frame's pixels.

        Returns:
            The outcome, which may be another than `analysis`: too late, or closed.
        """
        answer = analysis if answered else None
        now_ns = self._clock_ns()
        with self._lock:
            if self.closed:
                analysis = self._outcomes.refused(submission, Reason.CLOSED)
            result = self._outcomes.aged(submission, analysis, now_ns)
            self._judge(result, now_ns)
            self.observer.outcome(result)
            ticket = submission.ticket
            self._latest[submission.stream] = (ticket, result)
            if not self._delivers or self.closed:
                self._settle(submission.frame_id, result)
            else:
                overtaken = self._outbox.put(ticket, result)
                if overtaken is not None:
                    self._ledger.superseded(overtaken.frame_id)
                self._result_ready.notify()
        self.departures.leave(submission, answer, result, reuse=reuse)
        return result

    def refusal(self, submission: Submission, reason: Reason, detail: str = "") -> NotAnalysed:
        """The outcome, for `finish`, of a frame that no engine has answered."""
        return self._outcomes.refused(submission, reason, detail)

    def refuse(
        self, submission: Submission, reason: Reason, detail: str = "", *, reuse: bool = True
    ) -> None:
        """Settle a frame that no engine has answered."""
        outcome = self.refusal(submission, reason, detail)
        self.finish(submission, outcome, answered=False, reuse=reuse)

    def fetch(self) -> Analysis | None:
        """Wait for the next result for the callback, and settle it; None after closing.

        Whoever asks has done with the one before.
        """
        with self._lock:
            self._outbox.told()
            self._frame_settled.notify_all()
            while not self._outbox and not self.closed:
                self._result_ready.wait()
            if self.closed:
                return None
            ticket, result = self._outbox.take()
            now_ns = self._clock_ns()
            if isinstance(result, Analysed) and self._outcomes.too_old(ticket, now_ns):
                result = self._outcomes.aged(ticket, result, now_ns)  # it grew old waiting
                self._judge(result, now_ns)
            self._settle(ticket.frame_id, result)
            return result

    def latest(self, stream: str) -> Analysis | None:
        """See `LiveSession.latest`."""
        with self._lock:
            if stream not in self._latest:
                return None
            ticket, analysis = self._latest[stream]
            state = self._health.state
            if self.closed:
                return self._outcomes.refused(ticket, Reason.CLOSED)
            if state in (State.FAULT, State.PAUSED):
                return self._outcomes.refused(ticket, REFUSAL[state])
            return self._outcomes.aged(ticket, analysis, self._clock_ns())

    def drain(self, timeout_s: float) -> bool:
        """Wait until no frame is in flight and no callback runs; False when the time is up."""

        def quiet() -> bool:  # a callback that drains does not wait for itself
            return not len(self._ledger) and not self._outbox.callback_runs_elsewhere()

        with self._lock:
            return self._frame_settled.wait_for(quiet, timeout_s)

    # The session as a whole.

    def status(self) -> Status:
        """All of it at one moment."""
        with self._lock:
            health = self._health
            return Status(
                state=health.state,
                reasons=health.reasons,
                valid_until_ns=health.valid_until_ns,
                at_ns=self._clock_ns(),
                counters=self._ledger.counters(),
                deaths=health.deaths,
                callback_errors=self._callback_errors,
                origin=self._outcomes.origin,
                choice=self.standing.choice,
                switch=self.standing.switch,
                audit=self.observer.head(),
                beat_ns=health.beat_ns,
                answered_ns=health.answered_ns,
            )

    def is_calm(self) -> bool:
        """Whether all is well and no frame waits: the session can spare some time."""
        with self._lock:
            return self._health.state is State.READY and not self._mailbox

    def distrust(self, origin: Origin) -> None:
        """What this engine found, and what is still to be seen of it, is no finding any more."""

        def without(ticket: Ticket, result: Analysis) -> Analysis:
            if not isinstance(result, Analysed) or result.origin != origin:
                return result
            why = "its engine answered a golden frame wrongly afterwards"
            return self._outcomes.refused(ticket, Reason.ENGINE_OUTPUT_INVALID, why)

        with self._lock:
            self._outbox.change(without)
            for stream, (ticket, result) in self._latest.items():
                self._latest[stream] = (ticket, without(ticket, result))

    def callback_failed(self) -> int:
        """The callback raised; returns how often it has."""
        with self._lock:
            self._callback_errors += 1
            self._health.trouble(StateReason.CALLBACK_FAILED, self._clock_ns())
            return self._callback_errors

    def abandon(self) -> None:
        """Nobody takes frames any more: from now on they get their outcome when they come."""
        with self._lock:
            self._abandoned = True

    def close(self) -> None:
        """No new frame is taken, and no callback called."""
        with self._lock:
            self.closed = True
            self._health.close(self._clock_ns())
            self._result_ready.notify_all()

    def settle_rest(self) -> None:
        """What is still open after closing gets its outcome."""
        with self._lock:
            for frame_id in self._ledger.still_open:
                self._ledger.not_analysed(frame_id, Reason.CLOSED)
            self._outbox.clear()
            self._frame_settled.notify_all()

    # With the lock held.

    def _settle(self, frame_id: int, analysis: Analysis) -> None:
        if isinstance(analysis, Analysed):
            self._ledger.analysed(frame_id)
        else:
            self._ledger.not_analysed(frame_id, analysis.reasons[0])
        if not len(self._ledger):
            self._frame_settled.notify_all()

    def _judge(self, result: Analysis, now_ns: int) -> None:
        if isinstance(result, Analysed):
            self._health.good(now_ns)
        elif (why := TROUBLE.get(result.reasons[0])) is not None:
            self._health.trouble(why, now_ns)
