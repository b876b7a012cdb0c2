"""How a live session ends: who has to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sonoedge.session.exchange import Exchange

if TYPE_CHECKING:
    from sonoedge.recording.recorder import Recorder
    from sonoedge.session.shadow.supervisor import ShadowSupervisor


class Ending(NamedTuple):
    """What has to be told that a session is over; it holds no reference to the session."""

    exchange: Exchange
    shadow: ShadowSupervisor | None
    recorder: Recorder | None

    def end(self) -> None:
        """Tell all of them; nothing is waited for."""
        self.exchange.close()
        if self.shadow is not None:
            self.shadow.close()
        if self.recorder is not None:
            self.exchange.departures.observer = None
            self.recorder.close()

    def drop(self) -> None:
        """Nobody is left who would wait for the last records."""
        self.end()
        self.exchange.observer.end(0.0)
