"""A live session, one frame at a time: hand it over, wait for its outcome."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sonoedge import Analysis, Frame, LiveSession
from sonoedge.errors import EngineFailed

LIMIT_S = 120.0


class RoundTrip:
    """Turns a session into one call per frame, as `Analyser.analyse` is one.

    Args:
        make: starts the session with the callback that it is given.
    """

    def __init__(self, make: Callable[[Callable[[Analysis], None]], LiveSession]) -> None:
        self._arrived = threading.Event()
        self._analysis: Analysis | None = None
        self._session = make(self._receive)

    def __enter__(self) -> RoundTrip:
        return self

    def __exit__(self, *error: object) -> None:
        self._session.close()

    @property
    def session(self) -> LiveSession:
        """The session itself."""
        return self._session

    def worker_pid(self) -> int | None:
        """Of the session's worker, or None."""
        return self._session.worker_pid

    def analyse(self, frame: Frame) -> Analysis:
        """The frame's outcome.

        Raises:
            EngineFailed: none came in two minutes.
        """
        self._arrived.clear()
        self._session.submit(frame)
        if not self._arrived.wait(LIMIT_S) or self._analysis is None:
            status = self._session.status()
            raise EngineFailed(f"a frame got no outcome: {status.state.value} {status.reasons}")
        return self._analysis

    def _receive(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._arrived.set()
