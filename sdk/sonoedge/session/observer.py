"""Who hears of what happens in a session: nobody, unless a log is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sonoedge.analysis import Analysis
from sonoedge.session.engine import Answer
from sonoedge.session.states import Health, HealthRules, StateReason

if TYPE_CHECKING:
    from sonoedge.audit import Anchor
    from sonoedge.bundle import Bundle
    from sonoedge.session.exchange import Exchange


class SessionObserver:
    """Hears of a session; this one does nothing.

    `state_changed` and `outcome` are called under the session's lock, from whichever thread it
    is: they must neither wait, nor raise, nor call the session.
    """

    def begin(self, exchange: Exchange) -> None:
        """The session begins."""

    def state_changed(self, state: str, reasons: tuple[str, ...]) -> None:
        """The state, or its reasons, are others now."""

    def outcome(self, analysis: Analysis) -> None:
        """A frame was answered, or refused; one that was superseded has no outcome."""

    def answer(self, answer: Answer) -> None:
        """The engine has said something; frames' answers come to `outcome` as well."""

    def switched(self, bundle: Bundle | None) -> None:
        """The session has changed to another bundle, or gone back; None where none was read."""

    def head(self) -> Anchor | None:
        """How far the log has come."""
        return None

    def end(self, timeout_s: float) -> None:
        """The session is over; what is still to be written may take so long, in seconds."""


class ObservedHealth(Health):
    """A state machine that tells of each change."""

    def __init__(self, rules: HealthRules, now_ns: int, observer: SessionObserver) -> None:
        super().__init__(rules, now_ns)
        self._observer = observer
        self._told = (self.state, self.reasons)

    def engine_ready(self, now_ns: int) -> None:
        """An engine has answered its golden frames."""
        super().engine_ready(now_ns)
        self._tell()

    def died(self, why: StateReason, now_ns: int) -> bool:
        """The engine has to be replaced; returns False where it must not be any more."""
        may_go_on = super().died(why, now_ns)
        self._tell()
        return may_go_on

    def down(self, why: StateReason, now_ns: int) -> None:
        """There is no engine, for a reason that is none of its own."""
        super().down(why, now_ns)
        self._tell()

    def fault(self, why: StateReason, now_ns: int) -> None:
        """Latch FAULT; the first reason stays."""
        super().fault(why, now_ns)
        self._tell()

    def trouble(self, why: StateReason, now_ns: int) -> None:
        """Something went wrong that the session survives."""
        super().trouble(why, now_ns)
        self._tell()

    def condition(self, why: StateReason, holds: bool) -> None:
        """Something is wrong for as long as it holds, however well frames are analysed."""
        super().condition(why, holds)
        self._tell()

    def good(self, now_ns: int) -> None:
        """A frame was analysed in time."""
        super().good(now_ns)
        self._tell()

    def pause(self, paused: bool, now_ns: int) -> None:
        """The operator has frozen the picture, or lets it run again."""
        super().pause(paused, now_ns)
        self._tell()

    def close(self, now_ns: int) -> None:
        """The session is over."""
        super().close(now_ns)
        self._tell()

    def _tell(self) -> None:
        now = (self.state, self.reasons)
        if now != self._told:
            self._told = now
            self._observer.state_changed(now[0].value, now[1])
