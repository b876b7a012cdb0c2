"""The next engine, loaded while another one works: it takes over in milliseconds."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sonoedge.session.back_off import BackOff
from sonoedge.session.engine import Engine

log = logging.getLogger("sonoedge.session")


class Standby:
    """At most one engine in reserve.

    Args:
        make: starts an engine; an OSError of it is tried again after a pause.

    Attributes:
        engine: the one in reserve; None where there is none.
    """

    def __init__(self, make: Callable[[], Engine]) -> None:
        self._make = make
        self._back_off = BackOff()
        self.engine: Engine | None = None

    def prepare(self, now_ns: int) -> None:
        """Start one where there is none; for want of a process or descriptor, later."""
        if self.engine is not None or not self._back_off.due(now_ns):
            return
        try:
            self.engine = self._make()
        except OSError as error:
            self._back_off.failed(now_ns)
            log.warning("no standby can be started: %s", error.strerror or error)
        else:
            self._back_off.succeeded()

    def take(self) -> Engine | None:
        """The engine in reserve, which is the caller's from now on; None where there is none."""
        engine, self.engine = self.engine, None
        return engine
