"""`sonoedge.live`: frames go in and never wait, results come out and are never old."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from sonoedge.analysis import Analysis, Reason
from sonoedge.closing import Closing
from sonoedge.errors import Forked, InvalidSettings
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings, form
from sonoedge.session.exchange import Clock, Desk
from sonoedge.session.mailbox import Job
from sonoedge.session.states import Status

if TYPE_CHECKING:
    from sonoedge.session.engine import Engine
    from sonoedge.session.rules import SupervisorRules

MAX_STREAMS = 64
MAIN = "main"


class LiveSession(Closing):
    """A live analysis; made by `sonoedge.live`. Every method may be called from any thread.

    Each submitted frame has exactly one outcome: analysed, not analysed (with its reason),
    or superseded by a newer frame of its stream; until then it is in flight.
    `status().counters` adds up at every moment.

    Attributes:
        labels: the classes' names.
        threshold: suspicion from which a region is flagged.
    """

    def __init__(
        self,
        desk: Desk,
        make: Callable[[str | None], Engine],
        rules: SupervisorRules,
        *,
        guard: GuardSettings,
        labels: tuple[str, ...],
        threshold: float,
        on_analysis: Callable[[Analysis], None] | None,
        release: Callable[[], None],
        clock_ns: Clock,
    ) -> None:
        from sonoedge.session.supervisor import Supervisor

        self.labels = labels
        self.threshold = threshold
        self._desk = desk
        self._guard = guard
        self._callback = on_analysis
        self._release = release
        self._clock_ns = clock_ns
        self._streams: set[str] = set()
        self._pid = os.getpid()
        self._supervisor = Supervisor(desk, make, rules, clock_ns)
        self._threads = [
            threading.Thread(target=self._supervisor.run, name="sonoedge-live", daemon=True)
        ]
        if on_analysis is not None:
            self._threads.append(
                threading.Thread(target=self._deliver, name="sonoedge-results", daemon=True)
            )
        self._closing = threading.Lock()
        self._over = False
        for thread in self._threads:
            thread.start()

    def submit(self, frame: Frame, stream: str = MAIN) -> int:
        """Hand over a frame and return at once, whatever the engine or the callback does.

        The pixels are copied: the caller may use his array again. A frame that still waits
        in this stream is superseded. Streams take turns at the engine.

        Returns:
            The frame's id; ids count from 0 over all streams.

        Raises:
            Forked: this is a fork of the process that began the session.
            InvalidSettings: there are 64 streams already.
        """
        self._same_process()
        if stream not in self._streams:
            if len(self._streams) >= MAX_STREAMS:
                raise InvalidSettings(f"a session has at most {MAX_STREAMS} streams")
            self._streams.add(stream)
        now_ns = self._clock_ns()
        frame_id = self._desk.open()
        self._desk.put(self._job(frame, frame_id, stream, now_ns))
        self._supervisor.wake()
        return frame_id

    def latest(self, stream: str = MAIN) -> Analysis | None:
        """The newest result of a stream, as it is now; None before the first.

        A result that has grown older than `max_age_ms` comes back as `NotAnalysed` with
        `STALE`, never as valid; during a pause, after a fault or after closing it is
        `NotAnalysed` as well. It may be newer than what a slow callback has got.
        """
        self._same_process()
        return self._desk.latest(stream)

    def status(self) -> Status:
        """State, reasons and counters, all of one moment."""
        self._same_process()
        return self._desk.status()

    @property
    def worker_pid(self) -> int | None:
        """The worker's process id at this moment, for a host that watches or limits it."""
        return self._supervisor.worker_pid

    def pause(self) -> None:
        """The picture is frozen: frames are `NotAnalysed` with `PAUSED` until `resume`."""
        self._same_process()
        self._desk.pause(True)
        self._supervisor.wake()

    def resume(self) -> None:
        """The picture runs again."""
        self._same_process()
        self._desk.pause(False)
        self._supervisor.wake()

    def drain(self, timeout_s: float = 2.0) -> bool:
        """Wait until every submitted frame has its outcome; False when the time is up."""
        self._same_process()
        return self._desk.drain(timeout_s)

    def close(self) -> None:
        """End the session within two seconds, whatever the engine or the callback does.

        Frames in flight become `NotAnalysed` with `CLOSED`; the callback is not called
        again. Closing twice is harmless, and so is closing in a fork, where the session
        is not: it goes on in its own process.
        """
        if os.getpid() != self._pid:
            return
        with self._closing:
            if self._over:
                return
            self._over = True
            self._desk.close()
            self._supervisor.wake()
            for thread, limit_s in zip(self._threads, (1.5, 0.3), strict=False):
                if thread is not threading.current_thread():
                    thread.join(limit_s)
            self._desk.settle_rest()
            if not self._threads[0].is_alive():
                self._release()

    def _same_process(self) -> None:
        if os.getpid() != self._pid:
            raise Forked(
                "this live session belongs to the process that started it; call sonoedge.live "
                "in this process, or start the process before the session"
            )

    def _job(self, frame: Frame, frame_id: int, stream: str, now_ns: int) -> Job:
        """The frame with pixels of our own, or with what is wrong with it."""
        born_ns, detail = now_ns, ""
        try:
            born_ns = min(int(frame.captured_ns), now_ns)
            refused = form(frame, self._guard)
            if refused is None:
                frame = dataclasses.replace(frame, pixels=self._desk.buffers.copy(frame.pixels))
        except Exception as error:  # noqa: BLE001 - the promise: a frame never raises
            refused, detail = Reason.INTERNAL_ERROR, f"{type(error).__name__}: {error}"
        return Job(
            frame_id=frame_id,
            stream=stream,
            frame=frame,
            born_ns=born_ns,
            refused=refused,
            detail=detail,
        )

    def _deliver(self) -> None:
        """The callback's thread."""
        while (analysis := self._desk.fetch()) is not None:
            try:
                if self._callback is not None:
                    self._callback(analysis)
            except Exception:
                import logging

                if self._desk.callback_failed() == 1:  # the first tells all; the rest is counted
                    logging.getLogger("sonoedge.session").exception("on_analysis raised")
