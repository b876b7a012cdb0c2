"""What a session's thread waits for: its bell, and what its engine answers by."""

from __future__ import annotations

import math
import select

from sonoedge.session.engine import Engine
from sonoedge.session.wakeup import Wakeup


class EnginePoll:
    """Waits for the bell and one engine; registered anew where the engine is another one.

    Args:
        wakeup: the bell; it is cleared when it has rung.
    """

    def __init__(self, wakeup: Wakeup) -> None:
        self._wakeup = wakeup
        self._engine: Engine | None = None
        self._register(None)

    def wait(self, engine: Engine | None, *, busy: bool, timeout_ms: float) -> bool:
        """Whether the engine has something to collect.

        Args:
            busy: the engine works on a frame: its answer comes before new frames, and the bell
                is not waited for.
            timeout_ms: milliseconds after which the wait ends in any case.
        """
        if engine is not self._engine or engine is None:
            self._register(engine)
        poll = self._busy if busy else self._idle
        ready = {fd for fd, _ in poll.poll(math.ceil(timeout_ms))}
        if self._wakeup.fd in ready:
            ready.discard(self._wakeup.fd)
            self._wakeup.clear()
        return bool(ready)

    def _register(self, engine: Engine | None) -> None:
        self._engine = engine
        self._idle, self._busy = select.poll(), select.poll()
        self._idle.register(self._wakeup.fd, select.POLLIN)
        for fd in () if engine is None else engine.watch:
            self._idle.register(fd, select.POLLIN)
            self._busy.register(fd, select.POLLIN)
