"""How a session stands: its state, the engine and bundle that it runs; under the session's lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from sonoedge.analysis import Origin
from sonoedge.errors import SonoedgeError
from sonoedge.session.engine import EngineReady
from sonoedge.session.observer import ObservedHealth, SessionObserver
from sonoedge.session.outcomes import Outcomes
from sonoedge.session.states import HealthRules, State, StateReason
from sonoedge.session.switch_status import NEVER_SWITCHED


class Standing:
    """Every method may be called from any thread.

    Args:
        lock: the session's; whoever reads `health`, `choice` and `switch` holds it.
        outcomes: they name the engine that runs.
        observer: is told when the state changes.

    Attributes:
        choice: which variant was taken, and why.
        opened: the first engine is ready, or will not be.
        open_error: why not.
    """

    def __init__(
        self,
        lock: threading.Lock,
        rules: HealthRules,
        outcomes: Outcomes,
        clock_ns: Callable[[], int],
        observer: SessionObserver | None = None,
    ) -> None:
        self._lock = lock
        self._outcomes = outcomes
        self._clock_ns = clock_ns
        self.health = ObservedHealth(rules, clock_ns(), observer or SessionObserver())
        self.choice = ""
        self.switch = NEVER_SWITCHED
        self.opened = threading.Event()
        self.open_error: SonoedgeError | None = None

    @property
    def state(self) -> State:
        """As it is now."""
        with self._lock:
            return self.health.state

    @property
    def may_restart(self) -> bool:
        """Whether another engine may be started: no FAULT is latched."""
        with self._lock:
            return not self.health.faulty

    def beat(self, now_ns: int) -> None:
        """The session's thread is alive."""
        with self._lock:
            self.health.beat(now_ns)

    def answered(self) -> None:
        """The engine has answered a golden frame rightly."""
        with self._lock:
            self.health.answered(self._clock_ns())

    def engine_ready(self, greeting: EngineReady) -> None:
        """An engine is ready."""
        with self._lock:
            now_ns = self._clock_ns()
            self._outcomes.origin, self.choice = greeting.origin, greeting.choice
            self.health.beat(now_ns)
            self.health.engine_ready(now_ns)
        self.opened.set()

    def refuse_opening(self, error: SonoedgeError) -> None:
        """What whoever waits for the first engine is told; the first error stays."""
        if not self.opened.is_set() and self.open_error is None:
            self.open_error = error

    def switched(self, greeting: EngineReady, trial_frames: int) -> None:
        """Another bundle's engine has taken over; no frame was at an engine."""
        with self._lock:
            self._outcomes.origin, self.choice = greeting.origin, greeting.choice
            self.switch = replace(
                self.switch, switched=self.switch.switched + 1, trial_frames_left=trial_frames
            )

    def tried(self, frames_left: int) -> None:
        """So many frames are left of a bundle's trial; 0 where none is on trial."""
        if frames_left != self.switch.trial_frames_left:
            with self._lock:
                self.switch = replace(self.switch, trial_frames_left=frames_left)

    def reverted(self, before: Origin, why: StateReason) -> bool:
        """A bundle has failed on trial: the one before is the session's again.

        Returns:
            False where FAULT is latched, so that its engine must not go on.
        """
        with self._lock:
            now_ns = self._clock_ns()
            self.health.died(why, now_ns)
            self.health.trouble(StateReason.SWITCH_REVERTED, now_ns)
            self._outcomes.origin = before
            self.switch = replace(
                self.switch,
                reverted=self.switch.reverted + 1,
                trial_frames_left=0,
                last_failure=why.value,
            )
            return not self.health.faulty

    def died(self, why: StateReason) -> bool:
        """The engine has to be replaced; False where it must not be any more."""
        with self._lock:
            return self.health.died(why, self._clock_ns())

    def down(self, why: StateReason) -> None:
        """There is no engine at the moment; the next one is on its way."""
        with self._lock:
            self.health.down(why, self._clock_ns())

    def condition(self, why: StateReason, holds: bool) -> None:
        """Something is wrong for as long as it holds."""
        with self._lock:
            self.health.condition(why, holds)

    def fault(self, why: StateReason) -> None:
        """Latch FAULT."""
        with self._lock:
            self.health.fault(why, self._clock_ns())

    def pause(self, paused: bool) -> None:
        """Freeze, or run again."""
        with self._lock:
            self.health.pause(paused, self._clock_ns())
