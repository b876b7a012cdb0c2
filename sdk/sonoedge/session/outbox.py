"""Results that wait for the callback: the newest of each stream, the streams in turn."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from sonoedge.analysis import Analysis
from sonoedge.session.mailbox import Ticket


class Outbox:
    """It has no lock of its own: whoever calls holds the session's."""

    def __init__(self) -> None:
        self._results: dict[str, tuple[Ticket, Analysis]] = {}
        self._turns: deque[str] = deque()
        self._callback_thread: int | None = None  # while it runs the callback

    def __len__(self) -> int:
        """How many results wait."""
        return len(self._turns)

    def put(self, ticket: Ticket, result: Analysis) -> Ticket | None:
        """Lay a result down; the frame whose result it takes the place of, or None."""
        overtaken = self._results.get(ticket.stream)
        if overtaken is None:
            self._turns.append(ticket.stream)
        self._results[ticket.stream] = (ticket, result)
        return None if overtaken is None else overtaken[0]

    def change(self, change: Callable[[Ticket, Analysis], Analysis]) -> None:
        """Put another result in the place of each that waits."""
        self._results = {
            stream: (ticket, change(ticket, result))
            for stream, (ticket, result) in self._results.items()
        }

    def take(self) -> tuple[Ticket, Analysis]:
        """The next result; this thread runs the callback with it."""
        self._callback_thread = threading.get_ident()
        return self._results.pop(self._turns.popleft())

    def told(self) -> None:
        """The callback has returned."""
        self._callback_thread = None

    def callback_runs_elsewhere(self) -> bool:
        """Whether another thread than this one is in the callback."""
        return self._callback_thread not in (None, threading.get_ident())

    def clear(self) -> None:
        """Nobody is told any more."""
        self._results.clear()
        self._turns.clear()
