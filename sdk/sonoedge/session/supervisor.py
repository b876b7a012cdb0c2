"""The session's own thread: frames to the engine, answers back, and what to do if none comes.

One loop, which never waits for anything but the next event or the next 50 ms.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum, auto

from sonoedge.analysis import NotAnalysed, Origin, Reason
from sonoedge.errors import BundleError, EngineCrashed, GoldenMismatch, SonoedgeError
from sonoedge.session.back_off import BackOff
from sonoedge.session.deadline import Deadline
from sonoedge.session.engine import (
    Answer,
    Engine,
    EngineDied,
    EngineFailure,
    EngineReady,
    FrameAnswer,
    GoldenAnswer,
)
from sonoedge.session.engine_poll import EnginePoll
from sonoedge.session.exchange import Clock, Exchange
from sonoedge.session.golden_schedule import GoldenSchedule
from sonoedge.session.mailbox import Submission
from sonoedge.session.retired import RetiredEngines
from sonoedge.session.rules import SupervisorRules
from sonoedge.session.standby import Standby
from sonoedge.session.states import StateReason
from sonoedge.session.wakeup import Wakeup

BEAT_MS = 50
FAILURES = 3  # so many failed calls in a row, and the engine is replaced
ENGINE_FAULTS = (Reason.ENGINE_FAILED, Reason.ENGINE_OUTPUT_INVALID, Reason.INTERNAL_ERROR)

CHANGED = (
    "the engine that was loaded anew is not the one that this session began with: the bundle or "
    "its provision result has changed; close the session and start another one"
)

log = logging.getLogger("sonoedge.session")


class Phase(Enum):
    """What the engine is doing."""

    NONE = auto()
    STARTING = auto()
    IDLE = auto()
    BUSY = auto()


class Supervisor:
    """Runs the engines of one session.

    Args:
        make: gets the origin of the first engine, which each later one must have; None for
            the first.
        release: called when no engine is left.
    """

    def __init__(
        self,
        exchange: Exchange,
        make: Callable[[Origin | None], Engine],
        rules: SupervisorRules,
        clock_ns: Clock,
        release: Callable[[], None] = lambda: None,
    ) -> None:
        self._exchange = exchange
        self._make = make
        self._rules = rules
        self._clock_ns = clock_ns
        self._release = release
        self._wakeup = Wakeup()
        self._poll = EnginePoll(self._wakeup)
        self._phase = Phase.NONE
        self._engine: Engine | None = None
        self._origin: Origin | None = None
        self._standby = Standby(lambda: self._make(self._origin))
        self._retired = RetiredEngines()
        self._back_off = BackOff()
        self._submission: Submission | None = None
        self._deadline = Deadline(clock_ns)
        self._failures = 0
        self._golden = GoldenSchedule(
            every_ns=rules.golden_every_ns, idle_ns=rules.golden_idle_ns, now_ns=clock_ns()
        )

    @property
    def worker_pid(self) -> int | None:
        """The engine's process, where it is in one."""
        pid: int | None = getattr(self._engine, "pid", None)
        return pid

    @property
    def _working(self) -> bool:
        """Whether an answer of the engine is awaited."""
        return self._phase in (Phase.STARTING, Phase.BUSY)

    def wake(self) -> None:
        """There is something to do. Any thread may call this; it never waits."""
        self._wakeup.ring()

    def run(self) -> None:
        """Until the session closes. Whatever goes wrong here ends in FAULT, and is told."""
        exchange = self._exchange
        try:
            self._launch()
            while not exchange.closed:
                now_ns = self._clock_ns()
                exchange.beat(now_ns)
                self._retired.sweep()
                if self._working and self._deadline.has_passed(now_ns):
                    self._death(StateReason.ENGINE_HUNG, self._deadline.explain(self._engine))
                if self._engine is None and self._back_off.due(now_ns) and exchange.may_restart:
                    self._launch()
                exchange.flush()
                if self._phase is Phase.IDLE:
                    self._next(now_ns)
                elif self._engine is not None:
                    self._deadline.watch(self._engine)  # it has taken a beat already
                self._wait()
        except BaseException as error:
            log.exception("the live session's thread failed")
            exchange.fault(StateReason.INTERNAL_ERROR)
            exchange.open_error = SonoedgeError(f"{type(error).__name__}: {error}")
        finally:
            exchange.abandon()
            exchange.opened.set()
            self._end()

    def _launch(self) -> None:
        """Take the standby, or make an engine."""
        self._phase = Phase.STARTING
        self._deadline.start(self._rules.start_ns)
        engine, answers = self._standby.take(), []
        if engine is not None:
            try:
                answers = engine.collect()
            except EngineDied:
                self._retired.add(engine)
                engine = None
        try:
            self._engine = engine or self._make(self._origin)
        except OSError as error:
            self._postpone(error)
            return
        self._back_off.succeeded()
        self._handle(answers)

    def _postpone(self, error: OSError) -> None:
        """No process or no descriptor is left: that may pass, and is no engine's death."""
        self._phase = Phase.NONE
        pause_ns = self._back_off.failed(self._clock_ns())
        detail = f"no worker can be started: {error.strerror or error}"
        log.error("%s; the next try in %d ms", detail, pause_ns // 10**6)
        if not self._exchange.opened.is_set():
            self._exchange.open_error = EngineCrashed(f"the engine did not become ready: {detail}")
        self._exchange.down(StateReason.ENGINE_FAILED)
        self._exchange.opened.set()

    def _next(self, now_ns: int) -> None:
        """Ask the engine the next thing."""
        if self._rules.standby:
            self._standby.prepare(now_ns)
        submission = None if self._golden.goes_first(now_ns) else self._exchange.take()
        if submission is not None:
            self._golden.frame_taken(now_ns)
            self._submission = submission
            self._ask(submission)
        elif self._golden.due(now_ns):
            self._ask(self._golden.take())

    def _ask(self, question: Submission | int) -> None:
        if self._engine is None:
            return
        self._phase = Phase.BUSY
        self._deadline.start(self._rules.deadline_ns)
        try:
            self._engine.ask(question)
        except EngineDied as error:
            self._death(StateReason.ENGINE_CRASHED, str(error))
        except Exception as error:
            # Whatever stands in a frame: it is that frame's outcome, and not the session's end.
            self._phase = Phase.IDLE
            if not isinstance(question, Submission):
                raise
            self._submission = None
            self._exchange.refuse(
                question, Reason.INTERNAL_ERROR, f"{type(error).__name__}: {error}"
            )

    def _wait(self) -> None:
        """For the bell, the engine, the deadline or the next beat, whichever is first."""
        wait_ms = float(BEAT_MS)
        if self._working:
            wait_ms = min(wait_ms, self._deadline.left_ms())
        elif self._engine is None:
            left_ms = self._back_off.left_ns(self._clock_ns()) / 1e6
            wait_ms = min(wait_ms, left_ms) if left_ms > 0 else wait_ms
        busy = self._phase is Phase.BUSY
        ready = self._poll.wait(self._engine, busy=busy, timeout_ms=wait_ms)
        if ready and self._engine is not None:
            try:
                self._handle(self._engine.collect())
            except EngineDied as error:
                self._death(StateReason.ENGINE_CRASHED, str(error))

    def _handle(self, answers: list[Answer]) -> None:
        for answer in answers:
            if isinstance(answer, FrameAnswer):
                self._finish_frame(answer)
            elif isinstance(answer, EngineReady):
                if self._origin is not None and answer.origin != self._origin:
                    self._failed(BundleError(CHANGED))
                    return
                self._origin = answer.origin  # a restart must not change the engine
                self._golden.begin(answer.golden, self._clock_ns())
                self._phase, self._failures = Phase.IDLE, 0
                self._exchange.engine_ready(answer.origin, answer.choice)
            elif isinstance(answer, GoldenAnswer):
                self._finish_golden(answer)
            elif isinstance(answer, EngineFailure):
                self._failed(answer.error)

    def _finish_frame(self, answer: FrameAnswer) -> None:
        submission, self._submission = self._submission, None
        self._phase = Phase.IDLE
        if submission is None:
            return
        analysis = answer.analysis
        self._exchange.finish(submission, analysis)
        if not isinstance(analysis, NotAnalysed):
            self._failures = 0
        elif analysis.reasons[0] in ENGINE_FAULTS:
            self._failures += 1
            if self._failures >= FAILURES:
                self._death(StateReason.ENGINE_FAILED, f"{FAILURES} failed calls in a row")

    def _finish_golden(self, answer: GoldenAnswer) -> None:
        self._phase = Phase.IDLE
        if answer.error is not None:
            self._failed(answer.error)
            return
        self._golden.answered(self._clock_ns())

    def _failed(self, error: SonoedgeError) -> None:
        """A bundle that cannot be trusted latches FAULT; an engine that failed is replaced."""
        if not self._exchange.opened.is_set():
            self._exchange.open_error = error
        log.error("the engine failed: %s: %s", error.token, error)
        if not isinstance(error, BundleError):
            self._death(StateReason.ENGINE_FAILED, str(error))
            return
        wrong_answer = isinstance(error, GoldenMismatch)
        self._exchange.fault(
            StateReason.WRONG_ANSWER if wrong_answer else StateReason.BUNDLE_UNUSABLE
        )
        self._exchange.opened.set()
        self._drop()

    def _death(self, why: StateReason, detail: str) -> None:
        """The engine is gone, or has to go: tell its frame, end it, start another."""
        submission, self._submission = self._submission, None
        killed = self._engine is None or self._engine.kill()
        log.error("the engine has to be replaced: %s: %s", why.value, detail)
        if not self._exchange.opened.is_set() and self._exchange.open_error is None:
            self._exchange.open_error = EngineCrashed(f"the engine did not become ready: {detail}")
        if not killed:
            self._exchange.fault(why)  # a thread cannot be ended: there is no way back
        restart = self._exchange.died(why) and killed
        if submission is not None:  # whoever gets this outcome finds the state that goes with it
            hung = why is StateReason.ENGINE_HUNG
            reason = Reason.DEADLINE_MISSED if hung else Reason.ENGINE_CRASHED
            self._exchange.refuse(submission, reason, detail, reuse=killed)
        self._exchange.opened.set()
        self._drop()
        if restart and not self._exchange.closed:
            self._launch()

    def _drop(self) -> None:
        engine, self._engine = self._engine, None
        self._phase = Phase.NONE
        if engine is not None:
            self._retired.add(engine)

    def _end(self) -> None:
        self._drop()
        standby = self._standby.take()
        del self._standby  # it refers back: the frames' memory would wait for the collector
        if standby is not None:
            self._retired.add(standby)
        self._retired.wait()
        self._wakeup.close()
        self._release()
