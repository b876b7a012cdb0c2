"""What submitters, engine and callback share, under one lock.

A frame comes in at `put`, goes to the engine with `take`, and gets its outcome with
`finish`; a callback's thread fetches it with `fetch`. Where a callback is too slow, a
newer result of the stream takes the place of the one that waits for it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from sonoedge.analysis import Analysed, Analysis, NotAnalysed, Origin, Reason
from sonoedge.errors import SonoedgeError
from sonoedge.session.ledger import Ledger
from sonoedge.session.mailbox import Buffers, Job, Mailbox
from sonoedge.session.states import Health, HealthRules, State, Status, Why

Clock = Callable[[], int]

# Whose fault a frame's reason is: the session's, and not the picture's.
TROUBLE = {
    Reason.STALE: Why.RESULTS_STALE,
    Reason.ENGINE_FAILED: Why.ENGINE_FAILED,
    Reason.ENGINE_OUTPUT_INVALID: Why.ENGINE_FAILED,
    Reason.INTERNAL_ERROR: Why.INTERNAL_ERROR,
}

# What a frame is told that comes while the session is in this state.
REFUSAL = {
    State.STARTING: Reason.STARTING,
    State.UNAVAILABLE: Reason.UNAVAILABLE,
    State.FAULT: Reason.FAULT,
    State.PAUSED: Reason.PAUSED,
}


class Desk:
    """See above. Every method may be called from any thread."""

    def __init__(
        self,
        *,
        max_age_ns: int,
        rules: HealthRules,
        unknown: Origin,
        delivers: bool,
        clock_ns: Clock,
        buffers: Buffers | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._given = threading.Condition(self._lock)
        self._settled = threading.Condition(self._lock)
        self._ledger = Ledger()
        self._mailbox = Mailbox()
        self._health = Health(rules, clock_ns())
        self._max_age_ns = max_age_ns
        self._unknown = unknown
        self._delivers = delivers
        self._clock_ns = clock_ns
        self._origin: Origin | None = None
        self._choice = ""
        self._latest: dict[str, tuple[Job, Analysis]] = {}
        self._results: dict[str, tuple[Job, Analysis]] = {}
        self._turns: deque[str] = deque()
        self._callback_errors = 0
        self._unattended = False
        self.closed = False
        self.buffers = buffers or Buffers()
        self.opened = threading.Event()
        self.open_error: SonoedgeError | None = None

    # Frames on their way in.

    def open(self) -> int:
        """A new frame's id."""
        with self._lock:
            return self._ledger.open()

    def put(self, job: Job) -> None:
        """Lay a frame down; it, or the one that it supersedes, may be settled at once."""
        with self._lock:
            if self.closed or self._unattended:
                reason = Reason.CLOSED if self.closed else Reason.FAULT
                self._settle(job.frame_id, self._refused(job, reason))
                gone: Job | None = job
            else:
                gone = self._mailbox.put(job)
                if gone is not None:
                    self._ledger.superseded(gone.frame_id)
        if gone is not None and gone.refused is None:
            self.buffers.give_back(gone.frame.pixels)

    def take(self) -> Job | None:
        """The next frame that is worth an engine's time; the others get their outcome."""
        while True:
            with self._lock:
                job = self._mailbox.take()
                refusal = REFUSAL.get(self._health.state)
            if job is None:
                return None
            if job.refused is not None:
                self.refuse(job, job.refused, job.detail)
            elif refusal is not None:
                self.refuse(job, refusal)
            elif self._clock_ns() - job.born_ns > self._max_age_ns:
                self.refuse(job, Reason.STALE, "too old before it was its turn")
            else:
                return job

    def flush(self) -> None:
        """While no engine takes frames, tell those that wait why."""
        if self.state in REFUSAL:
            while (job := self.take()) is not None:
                self.refuse(job, Reason.UNAVAILABLE)

    # Outcomes.

    def finish(self, job: Job, analysis: Analysis, *, reuse: bool = True) -> None:
        """A frame's outcome; after closing that is CLOSED, for nobody is told the answer.

        Args:
            reuse: False where something may still read the frame's pixels.
        """
        now_ns = self._clock_ns()
        with self._lock:
            if self.closed:
                analysis = self._refused(job, Reason.CLOSED)
            result = self._aged(job, analysis, now_ns)
            self._judge(result, now_ns)
            self._latest[job.stream] = (job, result)
            if not self._delivers or self.closed:
                self._settle(job.frame_id, result)
            else:
                overtaken = self._results.get(job.stream)
                if overtaken is None:
                    self._turns.append(job.stream)
                else:
                    self._ledger.superseded(overtaken[0].frame_id)
                self._results[job.stream] = (job, result)
                self._given.notify()
        if reuse and job.refused is None:
            self.buffers.give_back(job.frame.pixels)

    def refuse(self, job: Job, reason: Reason, detail: str = "", *, reuse: bool = True) -> None:
        """The outcome of a frame that no engine has answered."""
        self.finish(job, self._refused(job, reason, detail), reuse=reuse)

    def fetch(self) -> Analysis | None:
        """Wait for the next result for the callback, and settle it; None after closing."""
        with self._lock:
            while not self._turns and not self.closed:
                self._given.wait()
            if self.closed:
                return None
            job, analysis = self._results.pop(self._turns.popleft())
            now_ns = self._clock_ns()
            result = analysis
            if isinstance(analysis, Analysed) and now_ns - job.born_ns > self._max_age_ns:
                result = self._aged(job, analysis, now_ns)  # grew old while it waited
                self._judge(result, now_ns)
            self._settle(job.frame_id, result)
            return result

    def latest(self, stream: str) -> Analysis | None:
        """See `LiveSession.latest`."""
        with self._lock:
            if stream not in self._latest:
                return None
            job, analysis = self._latest[stream]
            state = self._health.state
            if self.closed:
                return self._refused(job, Reason.CLOSED)
            if state in (State.FAULT, State.PAUSED):
                return self._refused(job, REFUSAL[state])
            return self._aged(job, analysis, self._clock_ns())

    def drain(self, timeout_s: float) -> bool:
        """Wait until no frame is in flight; False when the time is up."""
        with self._lock:
            return self._settled.wait_for(lambda: not len(self._ledger), timeout_s)

    # State.

    @property
    def state(self) -> State:
        """As it is now."""
        with self._lock:
            return self._health.state

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
                origin=self._origin,
                choice=self._choice,
            )

    def beat(self, now_ns: int) -> None:
        """The session's thread is alive."""
        with self._lock:
            self._health.beat(now_ns)

    def ready(self, origin: Origin, choice: str) -> None:
        """An engine is ready."""
        with self._lock:
            now_ns = self._clock_ns()
            self._origin, self._choice = origin, choice
            self._health.beat(now_ns)
            self._health.ready(now_ns)
        self.opened.set()

    def died(self, why: Why) -> bool:
        """The engine has to be replaced; False where it must not be any more."""
        with self._lock:
            return self._health.died(why, self._clock_ns())

    def fault(self, why: Why) -> None:
        """Latch FAULT."""
        with self._lock:
            self._health.fault(why, self._clock_ns())

    def pause(self, paused: bool) -> None:
        """Freeze, or run again."""
        with self._lock:
            self._health.pause(paused, self._clock_ns())

    def callback_failed(self) -> int:
        """The callback raised; returns how often it has."""
        with self._lock:
            self._callback_errors += 1
            self._health.trouble(Why.CALLBACK_FAILED, self._clock_ns())
            return self._callback_errors

    def unattended(self) -> None:
        """Nobody takes frames any more: from now on they get their outcome when they come."""
        with self._lock:
            self._unattended = True

    def close(self) -> None:
        """No new frame is taken, and no callback called."""
        with self._lock:
            self.closed = True
            self._health.close(self._clock_ns())
            self._given.notify_all()

    def settle_rest(self) -> None:
        """What is still open after closing gets its outcome."""
        with self._lock:
            for frame_id in self._ledger.still_open:
                self._ledger.not_analysed(frame_id, Reason.CLOSED)
            self._results.clear()
            self._turns.clear()
            self._settled.notify_all()

    # With the lock held.

    def _settle(self, frame_id: int, analysis: Analysis) -> None:
        if isinstance(analysis, Analysed):
            self._ledger.analysed(frame_id)
        else:
            self._ledger.not_analysed(frame_id, analysis.reasons[0])
        if not len(self._ledger):
            self._settled.notify_all()

    def _judge(self, result: Analysis, now_ns: int) -> None:
        if isinstance(result, Analysed):
            self._health.good(now_ns)
        elif (why := TROUBLE.get(result.reasons[0])) is not None:
            self._health.trouble(why, now_ns)

    def _aged(self, job: Job, analysis: Analysis, now_ns: int) -> Analysis:
        """The result as it is at this moment: too old, it is none any more."""
        age_ns = now_ns - job.born_ns
        if isinstance(analysis, Analysed):
            if age_ns > self._max_age_ns:
                stale = self._refused(job, Reason.STALE, f"{age_ns / 1e6:.0f} ms old")
                return replace(stale, stages_ms=analysis.stages_ms, origin=analysis.origin)
            return replace(analysis, frame_id=job.frame_id, stream=job.stream, age_ms=age_ns / 1e6)
        return replace(analysis, frame_id=job.frame_id, stream=job.stream, age_ms=age_ns / 1e6)

    def _refused(self, job: Job, reason: Reason, detail: str = "") -> NotAnalysed:
        return NotAnalysed(
            frame_id=job.frame_id,
            captured_ns=job.born_ns,
            age_ms=(self._clock_ns() - job.born_ns) / 1e6,
            stages_ms={},
            origin=self._origin or self._unknown,
            reasons=(reason,),
            detail=detail,
            stream=job.stream,
        )
