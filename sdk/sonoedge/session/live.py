"""`sonoedge.live`: frames go in and never wait, results come out and are never old."""

from __future__ import annotations

import dataclasses
import os
import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from sonoedge.analysis import Analysis, Origin, Reason
from sonoedge.closing import Closing
from sonoedge.errors import Forked, InvalidSettings
from sonoedge.frame_values import value_fault
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings, detail, form
from sonoedge.session.exchange import Clock, Exchange
from sonoedge.session.mailbox import Submission
from sonoedge.session.states import Status

if TYPE_CHECKING:
    from sonoedge.recording.recorder import Recorder
    from sonoedge.recording.status import RecordingStatus
    from sonoedge.session.engine import Engine
    from sonoedge.session.rules import SupervisorRules

MAX_STREAMS = 64
MAX_STREAM_NAME = 256
CLOCK_TOLERANCE_NS = 1_000_000  # a driver's stamp may be rounded up
NOT_MONOTONIC = (
    "captured_ns lies {:.3g} s ahead of the session's clock: stamp frames by "
    "time.monotonic_ns(), not by the time of day"
)
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
        exchange: Exchange,
        make: Callable[[Origin | None], Engine],
        rules: SupervisorRules,
        *,
        guard: GuardSettings,
        labels: tuple[str, ...],
        threshold: float,
        on_analysis: Callable[[Analysis], None] | None,
        release: Callable[[], None],
        clock_ns: Clock,
        recorder: Recorder | None = None,
    ) -> None:
        from sonoedge.session.supervisor import Supervisor

        self.labels = labels
        self.threshold = threshold
        self._exchange = exchange
        self._guard = guard
        self._clock_ns = clock_ns
        self._recorder = recorder
        self._streams: set[str] = set()
        self._pid = os.getpid()
        self._supervisor = Supervisor(exchange, make, rules, clock_ns, release)
        self._threads = [
            threading.Thread(target=self._supervisor.run, name="sonoedge-live", daemon=True)
        ]
        if on_analysis is not None:
            self._threads.append(
                threading.Thread(
                    target=_deliver,
                    args=(exchange, on_analysis),
                    name="sonoedge-results",
                    daemon=True,
                )
            )
        self._closing = threading.Lock()
        self._closed_once = False
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
            InvalidSettings: the stream is no text of at most 256 characters, or there are 64
                streams already.
        """
        self._same_process()
        if not isinstance(cast("object", stream), str) or stream not in self._streams:
            self._admit(stream)
        now_ns = self._clock_ns()
        frame_id = self._exchange.open()
        self._exchange.put(self._submission(frame, frame_id, stream, now_ns))
        self._supervisor.wake()
        return frame_id

    def latest(self, stream: str = MAIN) -> Analysis | None:
        """The newest result of a stream, as it is now; None before the first.

        A result that has grown older than `max_age_ms` comes back as `NotAnalysed` with
        `STALE`, never as valid; during a pause, after a fault or after closing it is
        `NotAnalysed` as well. It may be newer than what a slow callback has got.
        """
        self._same_process()
        return self._exchange.latest(stream)

    def status(self) -> Status:
        """State, reasons and counters, all of one moment."""
        self._same_process()
        return self._exchange.status()

    @property
    def worker_pid(self) -> int | None:
        """The worker's process id at this moment, for a host that watches or limits it."""
        return self._supervisor.worker_pid

    def pause(self) -> None:
        """The picture is frozen: frames are `NotAnalysed` with `PAUSED` until `resume`."""
        self._same_process()
        self._exchange.pause(True)
        self._supervisor.wake()

    def resume(self) -> None:
        """The picture runs again."""
        self._same_process()
        self._exchange.pause(False)
        self._supervisor.wake()

    def drain(self, timeout_s: float = 2.0) -> bool:
        """Wait until every submitted frame has its outcome and the callback has heard of it.

        Returns:
            False when the time is up.
        """
        self._same_process()
        return self._exchange.drain(timeout_s)

    @property
    def recording(self) -> RecordingStatus | None:
        """What the recording has come to; None where nothing is recorded."""
        return None if self._recorder is None else self._recorder.status()

    def finish_recording(self, timeout_s: float = 30.0) -> bool:
        """After `close`: wait until the last clip is written; False when the time is up."""
        return self._recorder is None or self._recorder.wait(timeout_s)

    def close(self) -> None:
        """End the session within two seconds, whatever the engine or the callback does.

        Frames in flight become `NotAnalysed` with `CLOSED`; the callback is not called
        again. Closing twice is harmless, and so is closing in a fork, where the session
        is not: it goes on in its own process. A recording's last clip may still be in the
        writing: see `finish_recording`.
        """
        if os.getpid() != self._pid:
            return
        with self._closing:
            if self._closed_once:
                return
            self._closed_once = True
            self._exchange.close()
            self._supervisor.wake()
            for thread, limit_s in zip(self._threads, (1.5, 0.3), strict=False):
                if thread is not threading.current_thread():
                    thread.join(limit_s)
            self._exchange.settle_rest()
            if self._recorder is not None:
                self._exchange.departures.observer = None
                self._recorder.close()
                self._recorder.wait(0.2)

    def __del__(self) -> None:
        """Warn of a session that was dropped without being closed, and end its worker."""
        if getattr(self, "_closed_once", True) or os.getpid() != self._pid:
            return
        warnings.warn(
            "a live session was dropped without being closed: call close(), or use it in a "
            "with block",
            ResourceWarning,
            source=self,
            stacklevel=2,
        )
        self._exchange.close()
        self._supervisor.wake()
        if self._recorder is not None:
            self._recorder.close()

    def _admit(self, stream: object) -> None:
        """Take a new stream's name."""
        if not isinstance(stream, str) or len(stream) > MAX_STREAM_NAME:
            raise InvalidSettings(
                f"stream must be text of at most {MAX_STREAM_NAME} characters, not {stream!r:.60}"
            )
        try:
            stream.encode()
        except UnicodeEncodeError:
            raise InvalidSettings("stream must be text that UTF-8 can hold") from None
        if len(self._streams) >= MAX_STREAMS:
            raise InvalidSettings(f"a session has at most {MAX_STREAMS} streams")
        self._streams.add(stream)

    def _same_process(self) -> None:
        if os.getpid() != self._pid:
            raise Forked(
                "this live session belongs to the process that started it; call sonoedge.live "
                "in this process, or start the process before the session"
            )

    def _submission(self, frame: Frame, frame_id: int, stream: str, now_ns: int) -> Submission:
        """The frame with pixels of our own, or with what is wrong with it."""
        born_ns = now_ns
        try:
            fault = value_fault(frame)
            if fault is None:
                born_ns = int(frame.captured_ns)
                if born_ns - now_ns > CLOCK_TOLERANCE_NS:
                    ahead_s = (born_ns - now_ns) / 1e9
                    fault = Reason.CAPTURE_CLOCK_NOT_MONOTONIC, NOT_MONOTONIC.format(ahead_s)
                born_ns = min(born_ns, now_ns)
            if fault is None:
                refused = form(frame, self._guard)
                why = detail(refused, frame, self._guard)
            else:
                refused, why = fault
            if refused is None:
                frame = dataclasses.replace(
                    frame, pixels=self._exchange.buffers.copy(frame.pixels), captured_ns=born_ns
                )
        except Exception as error:  # noqa: BLE001 - the promise: a frame never raises
            refused, why = Reason.INTERNAL_ERROR, f"{type(error).__name__}: {error}"
        return Submission(
            frame_id=frame_id,
            stream=stream,
            frame=frame,
            born_ns=born_ns,
            refused=refused,
            detail=why,
        )


def _deliver(exchange: Exchange, callback: Callable[[Analysis], None]) -> None:
    """The callback's thread. It holds no reference to the session, which may be dropped."""
    while (analysis := exchange.fetch()) is not None:
        try:
            callback(analysis)
        except BaseException:  # sys.exit() in a callback ends nothing but the call
            import logging

            if exchange.callback_failed() == 1:  # the first tells all; the rest is counted
                logging.getLogger("sonoedge.session").exception("on_analysis raised")
