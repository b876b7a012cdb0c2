"""`sonoedge.live`: frames go in and never wait, results come out and are never old."""

from __future__ import annotations

import dataclasses
import os
import threading
import time
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from sonoedge.analysis import Analysis, Origin
from sonoedge.closing import Closing
from sonoedge.errors import Forked
from sonoedge.frames import Frame
from sonoedge.session.delivery import deliver
from sonoedge.session.ending import Ending
from sonoedge.session.exchange import Clock, Exchange
from sonoedge.session.intake import Intake
from sonoedge.session.states import Status

if TYPE_CHECKING:
    from pathlib import Path

    from sonoedge.engines.options import EngineOptions
    from sonoedge.recording.recorder import Recorder
    from sonoedge.recording.status import RecordingStatus
    from sonoedge.session.describing import RegionDescription
    from sonoedge.session.opening import Opening
    from sonoedge.session.rules import SupervisorRules
    from sonoedge.session.session_bundle import SessionBundle
    from sonoedge.session.shadow.supervisor import ShadowSupervisor
    from sonoedge.trust.policy import TrustPolicy

CLOSE_S = 1.9
MAIN = "main"


class LiveSession(Closing):
    """A live analysis; made by `sonoedge.live`. Every method may be called from any thread.

    Each submitted frame has exactly one outcome: analysed, not analysed (with its reason),
    or superseded by a newer frame of its stream; until then it is in flight.
    `status().counters` adds up at every moment.

    What frames are analysed with is the bundle that the session began with, and no other one
    that may come to lie at its path, until `switch` is called.
    """

    def __init__(
        self,
        exchange: Exchange,
        bundle: SessionBundle,
        rules: SupervisorRules,
        *,
        on_analysis: Callable[[Analysis], None] | None,
        release: Callable[[], None],
        clock_ns: Clock,
        opening: Opening | None = None,
        shadow: ShadowSupervisor | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        from sonoedge.session.supervisor import Supervisor

        self._exchange = exchange
        self._opening = opening
        self._shadow = shadow
        self._clock_ns = clock_ns
        self._recorder = recorder
        self._pid = os.getpid()
        mailbox = None if shadow is None else shadow.mailbox
        supervisor = Supervisor(exchange, bundle, rules, clock_ns, release, mailbox)
        self._supervisor = supervisor
        self._intake = Intake(exchange.buffers, lambda: supervisor.bundle.guard)
        self._threads = [(_thread("sonoedge-live", supervisor.run), 1.3)]  # seconds to end in
        if on_analysis is not None:
            results = _thread("sonoedge-results", deliver, exchange, on_analysis)
            self._threads.append((results, 0.3))
        if shadow is not None:
            self._threads.append((_thread("sonoedge-shadow", shadow.run), 0.2))
        self._closing = threading.Lock()
        self._closed_once = False
        for thread, _ in self._threads:
            thread.start()

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes' names, of the bundle that runs."""
        return self._supervisor.bundle.labels

    @property
    def threshold(self) -> float:
        """Suspicion from which a region is flagged, by the bundle that runs."""
        return self._supervisor.bundle.threshold

    @property
    def track_gap_ms(self) -> float:
        """Milliseconds between two frames of a stream after which the bundle forgets its tracks."""
        return self._supervisor.bundle.track_gap_ms

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
        self._intake.admit(stream)
        now_ns = self._clock_ns()
        frame_id = self._exchange.open()
        self._exchange.put(self._intake.submission(frame, frame_id, stream, now_ns))
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

    def description(self, stream: str = MAIN) -> RegionDescription | None:
        """The newest description of a stream's flagged region, as it is now; None before the first.

        There are some with `describe_every_ms` and a bundle that measures. One whose frame is
        three such times old comes back as `NotDescribed` with `STALE`.
        """
        self._same_process()
        return self._supervisor.describing.latest(stream)

    def status(self) -> Status:
        """State, reasons and counters, all of one moment; `shadow` is of its own."""
        self._same_process()
        status = self._exchange.status()
        if self._shadow is None:
            return status
        return dataclasses.replace(status, shadow=self._shadow.tally.status())

    @property
    def worker_pid(self) -> int | None:
        """The worker's process id at this moment, for a host that watches or limits it."""
        return self._supervisor.worker_pid

    def switch(
        self,
        bundle: str | Path,
        *,
        engine: EngineOptions | None = None,
        trust: TrustPolicy | None = None,
        timeout_s: float = 60.0,
    ) -> Origin:
        """Run another bundle from a frame's border on; the present one works until then.

        A new worker opens it: who vouches for it, digests, golden maps and flags are checked as
        in `sonoedge.live`. Then it takes over between two frames, with its labels, thresholds,
        guard and tracking; tracks start anew, and each result's `origin` names its bundle. The
        worker before stays loaded until the new one has analysed 100 frames. Where that fails
        before (a crash, a hang, three failed calls, ten answers too late, a wrong answer to a
        golden frame), the one before takes over again at once: the session is DEGRADED with
        `SWITCH_REVERTED`, and `status().switch` tells why.

        It waits, so call it from a thread that may; frames go on meanwhile. The session must be
        READY, DEGRADED or PAUSED.

        Args:
            bundle: the new bundle's folder.
            engine: which of its engines; None takes what the session began with.
            trust: whose signatures it needs; None takes what the session began with.
            timeout_s: it is refused where it has not taken over by then.

        Returns:
            The engine that runs now.

        Raises:
            SwitchRefused: the session is in no state for it, or another switch is under way.
            Closed: the session is closed, or was while it waited.
            Forked: as `submit`.
            InvalidSettings: an argument is out of range, or the engine runs in a thread.
            SonoedgeError: as `sonoedge.live`: the new bundle cannot be used.
                Whatever is raised, the session goes on as it was.
        """
        from sonoedge.session.switch_call import switch

        self._same_process()
        return switch(
            self._exchange,
            self._supervisor,
            self._opening,
            bundle,
            engine=engine,
            trust=trust,
            timeout_s=timeout_s,
            clock_ns=self._clock_ns,
        )

    def pause(self) -> None:
        """The picture is frozen: frames are `NotAnalysed` with `PAUSED` until `resume`."""
        self._same_process()
        self._exchange.standing.pause(True)
        self._supervisor.wake()

    def resume(self) -> None:
        """The picture runs again."""
        self._same_process()
        self._exchange.standing.pause(False)
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
            until_s = time.monotonic() + CLOSE_S
            self._end()
            for thread, limit_s in self._threads:
                if thread is not threading.current_thread():
                    thread.join(limit_s)
            self._exchange.settle_rest()
            if self._recorder is not None:
                self._recorder.wait(0.2)
            self._exchange.observer.end(max(0.1, until_s - time.monotonic()))

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
        # The collector runs this in any thread, between any two steps of it, a lock of this session
        # in its hands: so nothing that takes one is done here.
        self._supervisor.drop(Ending(self._exchange, self._shadow, self._recorder).drop)

    def _end(self) -> None:
        """Tell all threads that it is over."""
        Ending(self._exchange, self._shadow, self._recorder).end()
        self._supervisor.wake()

    def _same_process(self) -> None:
        if os.getpid() != self._pid:
            raise Forked(
                "this live session belongs to the process that started it; call sonoedge.live "
                "in this process, or start the process before the session"
            )


def _thread(name: str, run: Callable[..., None], *args: object) -> threading.Thread:
    return threading.Thread(target=run, args=args, name=name, daemon=True)
