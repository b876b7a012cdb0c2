"""The candidate's own thread: a frame now and then, and what to do when the candidate fails.

It shares nothing with the session's thread but a place for one frame and a bell; the
candidate's worker shares nothing with the session's worker but the machine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from sonoedge.analysis import Analysed, Analysis, NotAnalysed, Origin
from sonoedge.device.memory import private_bytes
from sonoedge.errors import BundleError, GoldenMismatch, SonoedgeError
from sonoedge.session.back_off import BackOff
from sonoedge.session.deadline import Deadline
from sonoedge.session.engine import (
    Engine,
    EngineDied,
    EngineFailure,
    EngineReady,
    FrameAnswer,
)
from sonoedge.session.engine_poll import EnginePoll
from sonoedge.session.retired import RetiredEngines
from sonoedge.session.shadow.comparison import Comparisons
from sonoedge.session.shadow.limits import limit_worker
from sonoedge.session.shadow.mailbox import ShadowMailbox
from sonoedge.session.shadow.settings import Shadow
from sonoedge.session.shadow.status import ShadowReason, ShadowState
from sonoedge.session.shadow.tally import ShadowTally
from sonoedge.session.trial import ENGINE_FAULTS, MOST_FAILED

BEAT_MS: Final = 250
FIRST_PAUSE_NS: Final = 1_000_000_000
LONGEST_PAUSE_NS: Final = 60_000_000_000
CHANGED: Final = "the candidate that was loaded anew is not the one that the session began with"

log = logging.getLogger("sonoedge.shadow")


class ShadowSupervisor:
    """Runs the candidate of one session.

    Args:
        mailbox: where the session's thread lays down frames.
        make: starts the candidate's engine; gets its origin once that is known.
        release: called when no engine is left.
        clock_ns: the session's clock.
    """

    def __init__(
        self,
        settings: Shadow,
        tally: ShadowTally,
        mailbox: ShadowMailbox,
        *,
        make: Callable[[Origin | None], Engine],
        release: Callable[[], None],
        clock_ns: Callable[[], int],
    ) -> None:
        self.tally = tally
        self._settings = settings
        self.mailbox = mailbox
        self._comparisons = Comparisons(settings, tally)
        self._make, self._release, self._clock_ns = make, release, clock_ns
        self._poll = EnginePoll(mailbox.wakeup)
        self._closed = False
        self._engine: Engine | None = None
        self._origin: Origin | None = None
        self._ready = False
        self._asked: Analysed | None = None  # what the frame at the candidate is compared with
        self._failed_calls = 0
        self._deadline = Deadline(clock_ns)
        self._limit_ns = 0
        self._retired = RetiredEngines()
        self._back_off = BackOff(first_ns=FIRST_PAUSE_NS, longest_ns=LONGEST_PAUSE_NS)

    @property
    def worker_pid(self) -> int | None:
        """The process of the candidate's engine, where there is one."""
        pid: int | None = getattr(self._engine, "pid", None)
        return pid

    def close(self) -> None:
        """End it, at once, though its thread may be held up by a callback. Any thread may call."""
        self._closed = self.mailbox.closed = True
        self.mailbox.wakeup.ring()
        end = getattr(self._engine, "end", None)
        if end is not None:
            end()

    def run(self) -> None:
        """Until the session closes; whatever goes wrong here is the candidate's end alone."""
        try:
            while not self._closed:
                now_ns = self._clock_ns()
                self._retired.sweep()
                if self._engine is None:
                    self._start(now_ns)
                else:
                    self._watch(self._engine, now_ns)
                self._next()
                self._wait()
        except BaseException:
            log.exception("the candidate's thread failed")
            self._give_up(ShadowReason.INTERNAL_ERROR)
        finally:
            self._drop(ShadowReason.CLOSED)
            self._retired.wait()
            self.mailbox.wakeup.close()
            if self._closed:
                self.tally.becomes(ShadowState.CLOSED)
            self._release()

    def _start(self, now_ns: int) -> None:
        """Load the candidate, while the session can spare the time."""
        mailbox = self.mailbox
        if mailbox.given_up or not (self._back_off.due(now_ns) and mailbox.is_calm()):
            return
        try:
            self._engine = self._make(self._origin)
        except OSError as error:
            self._fail(ShadowReason.ENGINE_FAILED, f"no worker: {error.strerror or error}")
            return
        pid = self.worker_pid
        if pid is not None:
            limit_worker(pid, self._settings.memory_mb << 20, self._settings.priority)
        self.tally.becomes(ShadowState.LOADING)
        self._limit_ns = round(self._settings.start_timeout_s * 1e9)
        self._deadline.start(self._limit_ns)

    def _watch(self, engine: Engine, now_ns: int) -> None:
        """The time limit of what it is doing, and its memory."""
        working = not self._ready or self._asked is not None
        if working and self._deadline.has_passed(now_ns):
            waited_ms = self._deadline.cpu_wait_ms(engine)
            if waited_ms < self._limit_ns / 1e6 / 2:
                self._fail(ShadowReason.ENGINE_HUNG, self._deadline.explain(engine))
                return
            self._deadline.start(self._limit_ns)  # it had no processor to answer with
        if working:
            self._deadline.watch(engine)
        pid = self.worker_pid
        used = None if pid is None else private_bytes(pid)
        if used is not None and used > self._settings.memory_mb << 20:
            self._fail(ShadowReason.MEMORY_EXCEEDED, f"it uses {used >> 20} MiB")

    def _next(self) -> None:
        """Show it the frame that waits, while the session can spare the time."""
        engine = self._engine
        if engine is None or not self._ready or self._asked is not None:
            return
        pair = self.mailbox.take()
        if pair is None:
            return
        self._asked = pair.active
        self._limit_ns = round(self._settings.deadline_ms * 1e6)
        self._deadline.start(self._limit_ns)
        try:
            engine.ask(pair.submission)
        except EngineDied as error:
            self._fail(ShadowReason.ENGINE_CRASHED, str(error))
        except Exception as error:  # noqa: BLE001 - a frame that cannot cross is no failure of its
            log.info("a frame cannot cross to the candidate: %s", type(error).__name__)
            self._asked = None
            self.tally.left_out(pair.active, ShadowReason.INTERNAL_ERROR)
        finally:
            self.mailbox.give_back(pair)  # its pixels lie in the candidate's memory now

    def _wait(self) -> None:
        if not self._poll.wait(self._engine, busy=False, timeout_ms=BEAT_MS):
            return
        engine = self._engine
        if engine is None:
            return
        try:
            answers = engine.collect()
        except EngineDied as error:
            self._fail(ShadowReason.ENGINE_CRASHED, str(error))
            return
        for answer in answers:
            if self._engine is not engine:
                return  # the rest is of one that has been ended
            if isinstance(answer, EngineReady):
                self._is_ready(answer)
            elif isinstance(answer, EngineFailure):
                self._refused(answer.error)
            elif isinstance(answer, FrameAnswer):
                self._compare(answer.analysis)

    def _is_ready(self, greeting: EngineReady) -> None:
        if self._origin is not None and greeting.origin != self._origin:
            self._refused(BundleError(CHANGED))
            return
        self._origin, self._ready, self._failed_calls = greeting.origin, True, 0
        self.mailbox.open = True
        self.tally.becomes(ShadowState.RUNNING)

    def _refused(self, error: SonoedgeError) -> None:
        """It cannot be opened; a bundle that cannot be trusted is not tried again."""
        if isinstance(error, GoldenMismatch):
            why = ShadowReason.WRONG_ANSWER
        elif isinstance(error, BundleError):
            why = ShadowReason.BUNDLE_UNUSABLE
        else:
            why = ShadowReason.ENGINE_FAILED
        self._fail(why, error.token, final=isinstance(error, BundleError))

    def _compare(self, candidate: Analysis) -> None:
        active = self._asked
        if active is None:
            return
        self._comparisons.take(active, candidate)
        self._asked = None
        if isinstance(candidate, NotAnalysed) and candidate.reasons[0] in ENGINE_FAULTS:
            self._failed_calls += 1
            if self._failed_calls >= MOST_FAILED:
                self._fail(ShadowReason.ENGINE_FAILED, f"{MOST_FAILED} failed calls in a row")
        else:
            self._failed_calls = 0

    def _fail(self, why: ShadowReason, detail: str, *, final: bool = False) -> None:
        """End the candidate's engine; another one is started after a pause, or not at all."""
        if self._closed:
            return  # all is over, and that is no failure of the candidate's
        self._drop(why)
        if final or self.tally.failures >= self._settings.restarts:
            log.error("the candidate is given up: %s: %s", why.value, detail)
            self._give_up(why)
        else:
            pause_ns = self._back_off.failed(self._clock_ns())
            log.warning("%s: %s; next try in %d ms", why.value, detail, pause_ns // 10**6)
            self.tally.failed(why, ShadowState.WAITING)

    def _give_up(self, why: ShadowReason) -> None:
        self.mailbox.given_up = True
        self.tally.failed(why, ShadowState.GIVEN_UP)

    def _drop(self, why: ShadowReason) -> None:
        engine, self._engine, self._ready = self._engine, None, False
        asked, self._asked = self._asked, None
        self.mailbox.shut()
        if asked is not None:
            self.tally.left_out(asked, why)
        if engine is not None:
            self._retired.add(engine)
