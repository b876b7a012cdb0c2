"""The session's own thread: frames to the engine, answers back, and what to do if none comes.

One loop, which never waits for anything but the next event or the next 50 ms.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from sonoedge.analysis import Analysed, Reason
from sonoedge.errors import BundleError, Closed, SonoedgeError, SwitchRefused
from sonoedge.foreign_error import describe_foreign
from sonoedge.session.deadline import Deadline
from sonoedge.session.describing import LiveDescribing
from sonoedge.session.engine import (
    WORKING,
    Answer,
    Engine,
    EngineDied,
    EngineFailure,
    EngineReady,
    FrameAnswer,
    GoldenAnswer,
    Phase,
    RegionAnswer,
)
from sonoedge.session.engine_poll import EnginePoll
from sonoedge.session.engines import Engines
from sonoedge.session.exchange import Clock, Exchange
from sonoedge.session.failures import CHANGED, LATCHED, Failures
from sonoedge.session.golden_schedule import GoldenSchedule
from sonoedge.session.mailbox import Submission
from sonoedge.session.rules import SupervisorRules
from sonoedge.session.session_bundle import SessionBundle
from sonoedge.session.states import StateReason
from sonoedge.session.switching import SwitchRequest
from sonoedge.session.wakeup import Wakeup

if TYPE_CHECKING:
    from sonoedge.session.shadow.mailbox import ShadowMailbox

BEAT_MS = 50

log = logging.getLogger("sonoedge.session")


class Supervisor:
    """Runs the engines of one session.

    Args:
        bundle: what it begins with.
        release: called when no engine is left.
        shadow: where frames for a candidate bundle are laid down; None for no candidate.
    """

    def __init__(
        self,
        exchange: Exchange,
        bundle: SessionBundle,
        rules: SupervisorRules,
        clock_ns: Clock,
        release: Callable[[], None] = lambda: None,
        shadow: ShadowMailbox | None = None,
    ) -> None:
        self._exchange = exchange
        self._standing = exchange.standing
        self._shadow = shadow
        self._rules = rules
        self._clock_ns = clock_ns
        self._release = release
        self._wakeup = Wakeup()
        self._poll = EnginePoll(self._wakeup)
        self._phase = Phase.NONE
        self._engines = Engines(bundle, standby=rules.standby, trial_frames=rules.trial_frames)
        self._submission: Submission | None = None
        self._dropped: Callable[[], None] | None = None
        self._deadline = Deadline(clock_ns)
        self.describing = LiveDescribing(
            rules.describe_every_ns, buffers=exchange.buffers, clock_ns=clock_ns
        )
        self._failures = Failures(exchange, self._engines)
        self._golden = GoldenSchedule(
            every_ns=rules.golden_every_ns, idle_ns=rules.golden_idle_ns, now_ns=clock_ns()
        )

    @property
    def worker_pid(self) -> int | None:
        """The engine's process, where it is in one."""
        pid: int | None = getattr(self._engine, "pid", None)
        return pid

    @property
    def bundle(self) -> SessionBundle:
        """What runs now, or is loaded."""
        return self._engines.bundle

    @property
    def _engine(self) -> Engine | None:
        return self._engines.in_charge

    def wake(self) -> None:
        """There is something to do. Any thread may call this; it never waits."""
        self._wakeup.ring()

    def drop(self, end: Callable[[], None]) -> None:
        """Nobody holds the session any more: call `end` at the next beat.

        It takes no lock and rings no bell, so that a finaliser may call it.
        """
        self._dropped = end

    def switch(self, request: SwitchRequest) -> None:
        """Begin to load another bundle. Any thread may call this; it never waits.

        Raises:
            SwitchRefused: another switch is under way, or the session has ended.
        """
        self._engines.switching.begin(request)
        self.wake()

    def run(self) -> None:
        """Until the session closes. Whatever goes wrong here ends in FAULT, and is told."""
        exchange = self._exchange
        try:
            self._launch()
            while not exchange.closed:
                if self._dropped is not None:
                    self._dropped()
                    break
                now_ns = self._clock_ns()
                self._standing.beat(now_ns)
                self._engines.step(now_ns)
                if self._phase in WORKING and self._deadline.has_passed(now_ns):
                    self._death(StateReason.ENGINE_HUNG, self._deadline.explain(self._engine))
                if self._engine is None and self._engines.back_off.due(now_ns):
                    self._launch()
                exchange.flush()
                if self._phase is Phase.IDLE:
                    self._cross_border()
                    self._next(now_ns)
                elif self._engine is not None:
                    self._deadline.watch(self._engine)  # it has taken a beat already
                self._wait()
        except BaseException as error:  # noqa: BLE001 - it is told, by FAULT and in the log
            log.error("the live session's thread failed: %s", describe_foreign(error))
            self._standing.fault(StateReason.INTERNAL_ERROR)
            self._standing.refuse_opening(SonoedgeError(describe_foreign(error)))
        finally:
            exchange.abandon()
            self._standing.opened.set()
            self._end()

    def _launch(self) -> None:
        """Take the standby, or make an engine; not once FAULT is latched, or after closing."""
        if not self._standing.may_restart:
            self._engines.switching.refuse(SwitchRefused(LATCHED))
            return
        self._phase = Phase.STARTING
        self._deadline.start(self._rules.start_ns)
        try:
            answers = self._engines.launch()
        except OSError as error:
            self._phase = Phase.NONE
            self._failures.not_started(error, self._engines.back_off.failed(self._clock_ns()))
        else:
            self._handle(answers)

    def _cross_border(self) -> None:
        """Between two frames: a bundle that is ready takes over."""
        if (taken := self._engines.cross_border()) is not None:
            request, greeting = taken
            self._begin(greeting)
            self._standing.switched(greeting, self._engines.trial.frames_left)
            self._exchange.observer.switched(self._engines.bundle.opened)
            self._exchange.departures.engine_ready(greeting.origin)
            request.settle(greeting.origin)
            log.info("switched to %s", greeting.origin.bundle_id)

    def _begin(self, greeting: EngineReady) -> None:
        """The engine in charge gets the frames from now on."""
        self.describing.drop()
        self._golden.begin(greeting.golden, self._clock_ns())
        self._phase = Phase.IDLE

    def _next(self, now_ns: int) -> None:
        """Ask the engine the next thing."""
        self._engines.prepare_standby(now_ns)
        submission = None if self._golden.goes_first(now_ns) else self._exchange.take()
        if submission is not None:
            self._golden.frame_taken()
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
            self._exchange.refuse(question, Reason.INTERNAL_ERROR, describe_foreign(error))

    def _wait(self) -> None:
        """For the bell, the engine, the deadline or the next beat, whichever is first."""
        wait_ms = float(BEAT_MS)
        if self._phase in WORKING:
            wait_ms = min(wait_ms, self._deadline.left_ms())
        elif self._engine is None:
            left_ms = self._engines.back_off.left_ns(self._clock_ns()) / 1e6
            wait_ms = min(wait_ms, left_ms) if left_ms > 0 else wait_ms
        busy = self._phase is Phase.BUSY
        ready = self._poll.wait(self._engine, busy=busy, timeout_ms=wait_ms)
        if ready and self._engine is not None:
            try:
                self._handle(self._engine.collect())
            except EngineDied as error:
                self._death(StateReason.ENGINE_CRASHED, str(error))

    def _handle(self, answers: list[Answer]) -> None:
        engine = self._engine
        for answer in answers:
            if self._engine is not engine:
                return  # the rest is of one that is not in charge any more
            self._exchange.observer.answer(answer)
            if isinstance(answer, FrameAnswer):
                self._finish_frame(answer)
            elif isinstance(answer, EngineReady):
                if not self._engines.is_ours(answer):  # a restart must not change the engine
                    self._failed(BundleError(CHANGED))
                    return
                self._begin(answer)
                self._exchange.departures.engine_ready(answer.origin)
                self._standing.engine_ready(answer)
            elif isinstance(answer, GoldenAnswer):
                self._finish_golden(answer)
            elif isinstance(answer, RegionAnswer):
                self.describing.answered(answer.description)
            elif isinstance(answer, EngineFailure):
                self._failed(answer.error)

    def _finish_frame(self, answer: FrameAnswer) -> None:
        submission, self._submission = self._submission, None
        self._phase = Phase.IDLE
        if submission is None:
            return
        analysis, shadow = answer.analysis, self._shadow
        shown = shadow is not None and shadow.is_due(analysis)
        self.describing.choose(submission, analysis)
        outcome = self._exchange.finish(submission, analysis, reuse=not shown)
        if isinstance(outcome, Analysed):
            self._golden.frame_analysed(self._clock_ns())
        if shadow is not None and shown:
            shadow.offer(submission, outcome)
        failure = self._engines.judge(analysis, outcome)
        self._standing.tried(self._engines.trial.frames_left)
        if failure is not None:
            self._death(*failure)
        else:  # the result has left
            self.describing.ask(self._engine, outcome)

    def _finish_golden(self, answer: GoldenAnswer) -> None:
        self._phase = Phase.IDLE
        if answer.error is not None:
            self._failed(answer.error)
        else:
            self._golden.answered(self._clock_ns())
            self._standing.answered()

    def _failed(self, error: SonoedgeError) -> None:
        """The engine has answered with an error: that a bundle cannot be trusted is the worst."""
        self._standing.refuse_opening(error)
        log.error("the engine failed: %s: %s", error.token, error)
        if isinstance(error, BundleError):
            self._phase = Phase.NONE
            self._go_on(self._failures.bundle_failed(error))
        else:
            self._death(StateReason.ENGINE_FAILED, str(error))

    def _death(self, why: StateReason, detail: str) -> None:
        """The engine is gone, or has to go."""
        submission, self._submission = self._submission, None
        self._phase = Phase.NONE
        self._go_on(self._failures.engine_failed(why, detail, submission))

    def _go_on(self, greeting: EngineReady | None) -> None:
        """With the engine of the bundle before, or with a new one."""
        if greeting is not None:
            self._begin(greeting)
        elif not self._exchange.closed:
            self._launch()

    def _end(self) -> None:
        closed = self._exchange.closed
        self._engines.end(Closed("the session was closed") if closed else SwitchRefused(LATCHED))
        self._phase = Phase.NONE
        self._wakeup.close()
        self._exchange.buffers.clear()
        self._release()
