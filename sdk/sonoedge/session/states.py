"""The state of a live session, and the rules by which it changes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sonoedge.analysis import Origin
from sonoedge.session.ledger import Counters
from sonoedge.session.shadow.status import ShadowStatus
from sonoedge.session.switch_status import NEVER_SWITCHED, SwitchStatus

if TYPE_CHECKING:
    from sonoedge.audit import Anchor

BEAT_VALID_NS = 200_000_000  # with a beat every 50 ms, a dead session is seen within 250 ms


class State(str, Enum):
    """What a host may expect of a session."""

    STARTING = "STARTING"
    READY = "READY"
    DEGRADED = "DEGRADED"
    UNAVAILABLE = "UNAVAILABLE"
    FAULT = "FAULT"
    PAUSED = "PAUSED"


class StateReason(str, Enum):
    """Why a session is in its state: stable tokens."""

    ENGINE_LOADING = "ENGINE_LOADING"
    ENGINE_CRASHED = "ENGINE_CRASHED"
    ENGINE_HUNG = "ENGINE_HUNG"
    ENGINE_FAILED = "ENGINE_FAILED"
    TOO_MANY_DEATHS = "TOO_MANY_DEATHS"
    WRONG_ANSWER = "WRONG_ANSWER"
    BUNDLE_UNUSABLE = "BUNDLE_UNUSABLE"
    RESULTS_STALE = "RESULTS_STALE"
    CALLBACK_FAILED = "CALLBACK_FAILED"
    SWITCH_REVERTED = "SWITCH_REVERTED"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    LOG_STORAGE = "LOG_STORAGE"
    PAUSED = "PAUSED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A session at one moment.

    Attributes:
        state: see `State`. FAULT stays until the session is closed.
        reasons: why, as stable tokens; empty where all is well.
        valid_until_ns: until this moment of the session's clock the analysis may be
            relied on, unless a later status says otherwise. It lies ahead in READY and
            DEGRADED alone, and only while the session's own thread is alive: a host may
            look at nothing else.
        at_ns: when this was taken.
        counters: what became of the frames.
        deaths: how often the engine had to be replaced since the session began.
        callback_errors: how often the callback raised.
        origin: engine and bundle; None before the first engine was ready.
        choice: one sentence: which variant was taken, and why; "" before that.
        switch: what became of the bundles that it was told to switch to.
        shadow: of the candidate bundle that runs beside; None where there is none. It is of its
            own moment.
        audit: how far the audit log has come, to be kept elsewhere; None without a log, and
            before its first record.
        beat_ns: when the session's own thread last went round; at most 50 ms ago while it lives.
        answered_ns: when the engine last analysed a frame in time, or answered a golden frame
            rightly, as it does when it is loaded; None before. While no frames are analysed,
            golden frames are asked every `golden_idle_s`.
    """

    state: State
    reasons: tuple[str, ...]
    valid_until_ns: int
    at_ns: int
    counters: Counters
    deaths: int
    callback_errors: int
    origin: Origin | None
    choice: str
    switch: SwitchStatus = NEVER_SWITCHED
    shadow: ShadowStatus | None = None
    audit: Anchor | None = None
    beat_ns: int = 0
    answered_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRules:
    """When a bad state is entered and left.

    Attributes:
        max_deaths: the engine's deaths within `death_window_s` that latch FAULT.
        recover_frames, recover_s: DEGRADED is left after so many frames analysed in a
            row, and so many seconds without trouble.
    """

    max_deaths: int = 5
    death_window_s: float = 60.0
    recover_frames: int = 10
    recover_s: float = 1.0


class Health:
    """The state machine. Not thread-safe; it reads no clock: the time is told."""

    def __init__(self, rules: HealthRules, now_ns: int) -> None:
        self._rules = rules
        self._deaths: deque[int] = deque()
        self._troubles: set[StateReason] = set()
        self._conditions: set[StateReason] = set()
        self._trouble_ns = self._beat_ns = self._since_ns = now_ns
        self._good_frames = 0
        self._engine_up = self._engine_was_up = self._closed = self._paused = False
        self._down_reason: StateReason = StateReason.ENGINE_LOADING
        self._fault: StateReason | None = None
        self.answered_ns: int | None = None
        self.deaths = 0

    @property
    def state(self) -> State:
        """Closed and faulty go before paused, paused before what the engine says."""
        if self._closed:
            return State.UNAVAILABLE
        if self._fault is not None:
            return State.FAULT
        if self._paused:
            return State.PAUSED
        if not self._engine_up:
            return State.UNAVAILABLE if self._engine_was_up or self.deaths else State.STARTING
        return State.DEGRADED if self._troubles or self._conditions else State.READY

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the state is what it is."""
        if self._closed:
            return (StateReason.CLOSED.value,)
        if self._fault is not None:
            return (self._fault.value,)
        if self._paused:
            return (StateReason.PAUSED.value,)
        if not self._engine_up:
            return (self._down_reason.value,)
        return tuple(sorted(why.value for why in self._troubles | self._conditions))

    @property
    def valid_until_ns(self) -> int:
        """See `Status`."""
        if self.state in (State.READY, State.DEGRADED):
            return self._beat_ns + BEAT_VALID_NS
        return min(self._since_ns, self._beat_ns)

    @property
    def beat_ns(self) -> int:
        """See `Status`."""
        return self._beat_ns

    def beat(self, now_ns: int) -> None:
        """The session's own thread is alive."""
        self._beat_ns = now_ns

    def answered(self, now_ns: int) -> None:
        """The engine has answered a golden frame rightly, or analysed a frame in time."""
        self.answered_ns = now_ns

    def engine_ready(self, now_ns: int) -> None:
        """An engine has answered its golden frames."""
        self._engine_up = self._engine_was_up = True
        self._since_ns = self.answered_ns = now_ns

    def died(self, why: StateReason, now_ns: int) -> bool:
        """The engine has to be replaced; returns False where it must not be any more.

        One death is mended by a restart and its golden frames. From the second within
        the window on the session stays degraded for a while after each.
        """
        self._engine_up, self._down_reason, self._since_ns = False, why, now_ns
        self.deaths += 1
        self._deaths.append(now_ns)
        while now_ns - self._deaths[0] > self._rules.death_window_s * 1e9:
            self._deaths.popleft()
        if len(self._deaths) >= self._rules.max_deaths:
            self.fault(StateReason.TOO_MANY_DEATHS, now_ns)
        elif len(self._deaths) > 1:
            self.trouble(why, now_ns)
        return self._fault is None

    def down(self, why: StateReason, now_ns: int) -> None:
        """There is no engine, for a reason that is none of its own."""
        self._engine_up, self._down_reason, self._since_ns = False, why, now_ns

    @property
    def faulty(self) -> bool:
        """FAULT is latched, whatever `state` says."""
        return self._fault is not None

    def fault(self, why: StateReason, now_ns: int) -> None:
        """Latch FAULT; the first reason stays."""
        if self._fault is None:
            self._fault, self._since_ns = why, now_ns

    def trouble(self, why: StateReason, now_ns: int) -> None:
        """Something went wrong that the session survives."""
        self._troubles.add(why)
        self._trouble_ns = now_ns
        self._good_frames = 0

    def condition(self, why: StateReason, holds: bool) -> None:
        """Something is wrong for as long as it holds, however well frames are analysed."""
        if holds:
            self._conditions.add(why)
        else:
            self._conditions.discard(why)

    def good(self, now_ns: int) -> None:
        """A frame was analysed in time."""
        self.answered_ns = now_ns
        self._good_frames += 1
        rules = self._rules
        if (
            self._troubles
            and self._good_frames >= rules.recover_frames
            and now_ns - self._trouble_ns >= rules.recover_s * 1e9
        ):
            self._troubles.clear()

    def pause(self, paused: bool, now_ns: int) -> None:
        """The operator has frozen the picture, or lets it run again."""
        self._paused, self._since_ns = paused, now_ns

    def close(self, now_ns: int) -> None:
        """The session is over."""
        self._closed, self._since_ns = True, now_ns
