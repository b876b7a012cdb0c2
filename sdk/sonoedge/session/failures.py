"""What becomes of a session when its engine fails: state, frame and callers are told."""

from __future__ import annotations

import logging
from typing import Final

from sonoedge.analysis import NotAnalysed, Reason
from sonoedge.errors import BundleError, EngineCrashed, GoldenMismatch
from sonoedge.session.engine import EngineReady
from sonoedge.session.engines import Engines
from sonoedge.session.exchange import Exchange
from sonoedge.session.mailbox import Submission
from sonoedge.session.states import StateReason

NOT_READY: Final = "the engine did not become ready"
LATCHED: Final = "the session has latched FAULT; close it and start another one"
CHANGED: Final = (
    "the engine that was loaded anew is not the one that this session began with: the bundle or "
    "its provision result has changed; close the session and start another one"
)

log = logging.getLogger("sonoedge.session")


class Failures:
    """Ends the engine in charge. For the session's own thread alone.

    Each method leaves either no engine in charge or, where a bundle was on trial, the engine
    of the bundle before, whose greeting it returns.
    """

    def __init__(self, exchange: Exchange, engines: Engines) -> None:
        self._exchange = exchange
        self._standing = exchange.standing
        self._engines = engines

    def not_started(self, error: OSError, pause_ns: int) -> None:
        """No process or no descriptor is left: that may pass, and is no engine's death."""
        detail = f"no worker can be started: {error.strerror or error}"
        log.error("%s; the next try in %d ms", detail, pause_ns // 10**6)
        self._standing.refuse_opening(EngineCrashed(f"{NOT_READY}: {detail}"))
        self._standing.down(StateReason.ENGINE_FAILED)
        self._standing.opened.set()

    def bundle_failed(self, error: BundleError) -> EngineReady | None:
        """The bundle cannot be trusted: FAULT, or back to the one before."""
        wrong = isinstance(error, GoldenMismatch)
        why = StateReason.WRONG_ANSWER if wrong else StateReason.BUNDLE_UNUSABLE
        if self._engines.trial.on:
            return self._revert(why, str(error), None)
        self._standing.fault(why)
        self._standing.opened.set()
        self._engines.drop()
        return None

    def engine_failed(
        self, why: StateReason, detail: str, submission: Submission | None
    ) -> EngineReady | None:
        """The engine is gone, or has to go: end it, and tell the frame that was at it."""
        if self._engines.trial.on:
            return self._revert(why, detail, submission)
        engine = self._engines.in_charge
        killed = engine is None or engine.kill()
        log.error("the engine has to be replaced: %s: %s", why.value, detail)
        self._standing.refuse_opening(EngineCrashed(f"{NOT_READY}: {detail}"))
        if not killed:
            self._standing.fault(why)  # a thread cannot be ended: there is no way back
        self._standing.died(why)
        if submission is not None:  # whoever gets this outcome finds the state that goes with it
            outcome = self._lost(submission, why, detail)
            self._exchange.finish(submission, outcome, answered=False, reuse=killed)
        self._standing.opened.set()
        self._engines.drop()
        return None

    def _revert(
        self, why: StateReason, detail: str, submission: Submission | None
    ) -> EngineReady | None:
        """The bundle on trial has failed: the one before takes over again, and all are told."""
        log.error("the bundle that was switched to has failed: %s: %s", why.value, detail)
        outcome = None if submission is None else self._lost(submission, why, detail)
        if why is StateReason.WRONG_ANSWER and self._engines.origin is not None:
            self._exchange.distrust(self._engines.origin)
        greeting = self._engines.put_back()
        if not self._standing.reverted(greeting.origin, why):
            self._engines.drop()
        self._exchange.observer.switched(self._engines.bundle.opened)
        standing_by = self._engines.in_charge is not None
        if standing_by:
            self._standing.engine_ready(greeting)
            self._exchange.departures.engine_returns()
        if submission is not None and outcome is not None:
            self._exchange.finish(submission, outcome, answered=False)
        return greeting if standing_by else None

    def _lost(self, submission: Submission, why: StateReason, detail: str) -> NotAnalysed:
        """The outcome of a frame that was at the engine when that had to go."""
        hung = why is StateReason.ENGINE_HUNG
        reason = Reason.DEADLINE_MISSED if hung else Reason.ENGINE_CRASHED
        return self._exchange.refusal(submission, reason, detail)
