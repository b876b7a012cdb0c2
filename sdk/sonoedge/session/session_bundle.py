"""A bundle as a session runs it, and an engine of it that is ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sonoedge.analysis import Origin
from sonoedge.bundle import Bundle
from sonoedge.guard import GuardSettings
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.session.engine import Engine, EngineReady


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SessionBundle:
    """What makes a bundle's engines, and what its results are read by.

    Attributes:
        make: starts an engine; gets the origin that it must have, or None for the bundle's
            first. It raises OSError where no process can be started.
        guard: what a frame's form is checked by before it goes to an engine.
        labels: the classes' names.
        threshold: suspicion from which a region is flagged.
        opened: what was read; None where engines are made by hand.
    """

    make: Callable[[Origin | None], Engine]
    guard: GuardSettings
    labels: tuple[str, ...]
    threshold: float
    opened: Bundle | None = None

    @property
    def track_gap_ms(self) -> float:
        """Milliseconds between two frames of a stream after which its tracks are forgotten."""
        tracking = TrackingSettings() if self.opened is None else self.opened.manifest.tracking
        return tracking.gap_ms

    def release(self) -> None:
        """Its folder may be removed, where it lies in a store: no engine of it will be made."""
        if self.opened is not None and self.opened.lease is not None:
            self.opened.lease.close()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadyEngine:
    """An engine that has answered its golden frames, with the bundle that it is of.

    Attributes:
        greeting: what it said when it was ready.
    """

    engine: Engine
    bundle: SessionBundle
    greeting: EngineReady
