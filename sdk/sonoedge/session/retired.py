"""Engines that were told to end, until nothing is left of them."""

from __future__ import annotations

import time
from typing import Final

from sonoedge.session.engine import Engine

LONGEST_WAIT_S: Final = 1.0
_PAUSE_S: Final = 0.005


class RetiredEngines:
    """Engines on their way out: their processes have to be waited for, or stay as zombies."""

    def __init__(self) -> None:
        self._engines: list[Engine] = []

    def add(self, engine: Engine) -> None:
        """End an engine; one that cannot be ended is left to itself."""
        if engine.kill():
            self._engines.append(engine)

    def sweep(self) -> bool:
        """Forget those that have ended; whether none is left."""
        if self._engines:
            self._engines = [engine for engine in self._engines if not engine.has_ended()]
        return not self._engines

    def wait(self) -> None:
        """Until all have ended, for a second at most."""
        for _ in range(round(LONGEST_WAIT_S / _PAUSE_S)):
            if self.sweep():
                return
            time.sleep(_PAUSE_S)
