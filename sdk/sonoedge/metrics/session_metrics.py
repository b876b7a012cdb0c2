"""A live session's metrics where they were asked for: in a file, at a port, or both."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sonoedge.closing import Closing
from sonoedge.metrics.exposition import exposition
from sonoedge.metrics.port import MetricsPort
from sonoedge.metrics.textfile import MetricsFile
from sonoedge.metrics.times import FrameTimes
from sonoedge.recording.status import RecordingStatus
from sonoedge.session.states import Status


class Session(Protocol):
    """What is asked of a live session."""

    def status(self) -> Status: ...
    @property
    def recording(self) -> RecordingStatus | None: ...


class SessionMetrics(Closing):
    """Publishes a session's metrics until it is closed; close it before the session.

    Args:
        session: it is asked for its status from other threads, each time the text is made.
        times: its `add` is called with each outcome, by the session's callback.
        file: "*.prom"; None writes none.
        port: on loopback, 0 for a free one; None opens none.
        clock_s: the wall clock.

    Attributes:
        port: where it listens; None where it does not.

    Raises:
        InvalidSettings: the file's name does not end in ".prom", or the port is none.
        OutputError: the file cannot be written, or the port cannot be had.
    """

    def __init__(
        self,
        session: Session,
        times: FrameTimes,
        *,
        file: str | Path | None = None,
        port: int | None = None,
        clock_s: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._times = times
        self._clock_s = clock_s
        self._port = None if port is None else MetricsPort(port, self.text)
        try:
            self._file = None if file is None else MetricsFile(file, self.text)
        except BaseException:
            if self._port is not None:
                self._port.close()
            raise
        self.port = None if self._port is None else self._port.port

    def text(self) -> str:
        """As of this moment."""
        return exposition(
            self._session.status(),
            times=self._times,
            recording_status=self._session.recording,
            at_s=self._clock_s(),
        )

    def close(self) -> None:
        """Write the file once more, and stop to answer. Closing twice is harmless."""
        if self._port is not None:
            self._port.close()
            self._port = None
        if self._file is not None:
            self._file.close()
