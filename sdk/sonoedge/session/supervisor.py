"""The session's own thread: frames to the engine, answers back, and what to do if none comes.

One loop, which never waits for anything but the next event or the next 50 ms.
"""

from __future__ import annotations

import logging
import math
import select
import time
from collections.abc import Callable, Mapping
from enum import Enum, auto

from sonoedge.analysis import NotAnalysed, Reason
from sonoedge.device.cpu import longest_wait_ms
from sonoedge.errors import BundleError, EngineCrashed, GoldenMismatch, SonoedgeError
from sonoedge.session.engine import Answer, Done, Engine, EngineDied, Failed, GoldenDone, Ready
from sonoedge.session.exchange import Clock, Desk
from sonoedge.session.mailbox import Job
from sonoedge.session.rules import SupervisorRules
from sonoedge.session.states import Why
from sonoedge.session.wakeup import Bell

BEAT_MS = 50
IDLE_NS = 1_000_000_000  # no frame for so long is idleness: golden frames may be asked
FAILURES = 3  # so many failed calls in a row, and the engine is replaced
ENGINE_FAULTS = (Reason.ENGINE_FAILED, Reason.ENGINE_OUTPUT_INVALID, Reason.INTERNAL_ERROR)

log = logging.getLogger("sonoedge.session")


class Phase(Enum):
    """What the engine is doing."""

    NONE = auto()
    STARTING = auto()
    IDLE = auto()
    BUSY = auto()


class Supervisor:
    """Runs engines made by `make`, which gets the variant that it must be, or None."""

    def __init__(
        self,
        desk: Desk,
        make: Callable[[str | None], Engine],
        rules: SupervisorRules,
        clock_ns: Clock,
    ) -> None:
        self._desk = desk
        self._make = make
        self._rules = rules
        self._clock_ns = clock_ns
        self._bell = Bell()
        self._phase = Phase.NONE
        self._engine: Engine | None = None
        self._watched: Engine | None = None
        self._idle_poll, self._busy_poll = select.poll(), select.poll()
        self._standby: Engine | None = None
        self._standby_said: list[Answer] = []
        self._dying: list[Engine] = []
        self._variant: str | None = None
        self._job: Job | None = None
        self._until_ns = 0
        self._failures = 0
        self._golden = self._golden_next = 0
        self._golden_ns = self._frame_ns = clock_ns()
        self._golden_turn = False
        self._waited_ms: Mapping[str, float] | None = None

    @property
    def worker_pid(self) -> int | None:
        """The engine's process, where it is in one."""
        pid: int | None = getattr(self._engine, "pid", None)
        return pid

    def wake(self) -> None:
        """There is something to do. Any thread may call this; it never waits."""
        self._bell.ring()

    def run(self) -> None:
        """Until the session closes. Whatever goes wrong here ends in FAULT, and is told."""
        desk = self._desk
        try:
            self._launch()
            while not desk.closed:
                now_ns = self._clock_ns()
                desk.beat(now_ns)
                if self._dying:
                    self._dying = [engine for engine in self._dying if not engine.gone()]
                if self._phase in (Phase.STARTING, Phase.BUSY) and now_ns >= self._until_ns:
                    self._death(Why.ENGINE_HUNG, self._late())
                desk.flush()
                if self._phase is Phase.IDLE:
                    self._next(now_ns)
                elif self._engine is not None and self._waited_ms is None:
                    self._waited_ms = self._engine.waited_ms()  # it has taken a beat already
                self._wait()
        except BaseException as error:
            log.exception("the live session's thread failed")
            desk.fault(Why.INTERNAL_ERROR)
            desk.open_error = SonoedgeError(f"{type(error).__name__}: {error}")
        finally:
            desk.unattended()
            desk.opened.set()
            self._end()

    def _launch(self) -> None:
        """Take the standby, or make an engine."""
        self._phase = Phase.STARTING
        self._until_ns = self._clock_ns() + self._rules.start_ns
        engine, said = self._standby, self._standby_said
        self._standby, self._standby_said = None, []
        if engine is not None:
            try:
                said += engine.collect()
            except EngineDied:
                self._bury(engine)
                engine = None
        try:
            self._engine = engine or self._make(self._variant)
        except OSError as error:
            self._death(Why.ENGINE_FAILED, f"no worker can be started: {error.strerror}")
            return
        if engine is not None:
            self._hear(said)

    def _next(self, now_ns: int) -> None:
        """Ask the engine the next thing."""
        rules = self._rules
        if rules.standby and self._standby is None:
            self._standby = self._make(self._variant)
        asked = self._golden_next > 0 or now_ns - self._golden_ns >= rules.golden_every_ns
        forced = asked and not self._golden_turn
        job = None if forced and self._golden else self._desk.take()
        if job is not None:
            self._golden_turn = False
            self._frame_ns = now_ns
            self._job = job
            self._ask(job)
            return
        idle = (
            now_ns - self._frame_ns >= IDLE_NS and now_ns - self._golden_ns >= rules.golden_idle_ns
        )
        if self._golden and (asked or idle):
            self._golden_turn = True
            self._ask(self._golden_next)

    def _ask(self, question: Job | int) -> None:
        if self._engine is None:
            return
        self._phase = Phase.BUSY
        self._until_ns = self._clock_ns() + self._rules.deadline_ns
        self._waited_ms = None
        try:
            self._engine.ask(question)
        except EngineDied as error:
            self._death(Why.ENGINE_CRASHED, str(error))
        except (TypeError, ValueError) as error:
            self._phase = Phase.IDLE
            if isinstance(question, Job):
                self._job = None
                self._desk.refuse(question, Reason.INTERNAL_ERROR, str(error))

    def _wait(self) -> None:
        """For the bell, the engine, the deadline or the next beat, whichever is first."""
        wait_ms = float(BEAT_MS)
        if self._phase in (Phase.STARTING, Phase.BUSY):
            wait_ms = min(wait_ms, max(0.0, (self._until_ns - self._clock_ns()) / 1e6))
        ready = {fd for fd, _ in self._poll().poll(math.ceil(wait_ms))}
        if self._bell.fd in ready:
            ready.discard(self._bell.fd)
            self._bell.clear()
        if ready and self._engine is not None:
            try:
                self._hear(self._engine.collect())
            except EngineDied as error:
                self._death(Why.ENGINE_CRASHED, str(error))

    def _poll(self) -> select.poll:
        """What to wait for. A busy engine's answer comes before new frames: no bell then."""
        if self._watched is not self._engine or self._engine is None:
            self._watched = self._engine
            self._idle_poll, self._busy_poll = select.poll(), select.poll()
            self._idle_poll.register(self._bell.fd, select.POLLIN)
            for fd in () if self._engine is None else self._engine.watch:
                self._idle_poll.register(fd, select.POLLIN)
                self._busy_poll.register(fd, select.POLLIN)
        return self._busy_poll if self._phase is Phase.BUSY else self._idle_poll

    def _hear(self, answers: list[Answer]) -> None:
        for answer in answers:
            if isinstance(answer, Done):
                self._done(answer)
            elif isinstance(answer, Ready):
                self._variant = answer.origin.variant  # a restart must not change the engine
                self._golden, self._golden_next = answer.golden, 0
                self._golden_ns = self._frame_ns = self._clock_ns()
                self._phase, self._failures = Phase.IDLE, 0
                self._desk.ready(answer.origin, answer.choice)
            elif isinstance(answer, GoldenDone):
                self._golden_done(answer)
            elif isinstance(answer, Failed):
                self._failed(answer.error)

    def _done(self, answer: Done) -> None:
        job, self._job = self._job, None
        self._phase = Phase.IDLE
        if job is None:
            return
        analysis = answer.analysis
        self._desk.finish(job, analysis)
        if not isinstance(analysis, NotAnalysed):
            self._failures = 0
        elif analysis.reasons[0] in ENGINE_FAULTS:
            self._failures += 1
            if self._failures >= FAILURES:
                self._death(Why.ENGINE_FAILED, f"{FAILURES} failed calls in a row")

    def _golden_done(self, answer: GoldenDone) -> None:
        self._phase = Phase.IDLE
        if answer.error is not None:
            self._failed(answer.error)
            return
        self._golden_next = (self._golden_next + 1) % self._golden
        if self._golden_next == 0:
            self._golden_ns = self._clock_ns()

    def _failed(self, error: SonoedgeError) -> None:
        """A bundle that cannot be trusted latches FAULT; an engine that failed is replaced."""
        if not self._desk.opened.is_set():
            self._desk.open_error = error
        log.error("the engine failed: %s: %s", error.token, error)
        if not isinstance(error, BundleError):
            self._death(Why.ENGINE_FAILED, str(error))
            return
        wrong = isinstance(error, GoldenMismatch)
        self._desk.fault(Why.WRONG_ANSWER if wrong else Why.BUNDLE_UNUSABLE)
        self._desk.opened.set()
        self._drop()

    def _death(self, why: Why, how: str) -> None:
        """The engine is gone, or has to go: tell its frame, end it, start another."""
        job, self._job = self._job, None
        ended = self._engine is None or self._engine.kill()
        log.error("the engine has to be replaced: %s: %s", why.value, how)
        if not self._desk.opened.is_set() and self._desk.open_error is None:
            self._desk.open_error = EngineCrashed(f"the engine did not become ready: {how}")
        if not ended:
            self._desk.fault(why)  # a thread cannot be ended: there is no way back
        again = self._desk.died(why) and ended
        if job is not None:  # whoever gets this outcome finds the state that goes with it
            hung = why is Why.ENGINE_HUNG
            reason = Reason.DEADLINE_MISSED if hung else Reason.ENGINE_CRASHED
            self._desk.refuse(job, reason, how, reuse=ended)
        self._desk.opened.set()
        self._drop()
        if again and not self._desk.closed:
            self._launch()

    def _late(self) -> str:
        """A box that is too busy looks like an engine that hangs, and is told apart."""
        before, after = self._waited_ms, {} if self._engine is None else self._engine.waited_ms()
        waited = 0.0 if before is None else longest_wait_ms(before, after)
        if waited < 1:
            return "no answer within its deadline"
        return f"no answer within its deadline; it waited {waited:.0f} ms for a processor"

    def _drop(self) -> None:
        engine, self._engine = self._engine, None
        self._phase = Phase.NONE
        if engine is not None:
            self._bury(engine)

    def _bury(self, engine: Engine) -> None:
        if engine.kill():
            self._dying.append(engine)

    def _end(self) -> None:
        self._drop()
        if self._standby is not None:
            self._bury(self._standby)
        for _ in range(200):
            self._dying = [engine for engine in self._dying if not engine.gone()]
            if not self._dying:
                break
            time.sleep(0.005)
        self._bell.close()
