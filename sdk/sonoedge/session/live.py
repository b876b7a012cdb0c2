"""`sonoedge.live`: frames go in and never wait, results come out and are never old."""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from sonoedge.analysis import Analysis, Origin, Reason
from sonoedge.bundle import read_bundle
from sonoedge.errors import Closed, Forked, InvalidSettings
from sonoedge.frames import Frame
from sonoedge.geometry import Roi
from sonoedge.guard import GuardSettings, form
from sonoedge.runtime import RUNTIMES
from sonoedge.session.desk import Clock, Desk
from sonoedge.session.mailbox import Job
from sonoedge.session.states import HealthRules, Status
from sonoedge.tracking import TrackingSettings

if TYPE_CHECKING:
    from sonoedge.session.engine import Engine
    from sonoedge.session.setup import Setup
    from sonoedge.session.supervisor import SupervisorRules

MAX_STREAMS = 64
MAIN = "main"
Isolation = Literal["process", "thread"]


class LiveSession:
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

    def __enter__(self) -> LiveSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

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


def live(
    bundle: str | Path,
    on_analysis: Callable[[Analysis], None] | None = None,
    max_age_ms: float = 150.0,
    isolation: Isolation = "process",
    *,
    deadline_ms: float = 500.0,
    standby: bool = False,
    runtime: str = "auto",
    variant: str | None = None,
    threads: int | None = None,
    roi: Roi | None = None,
    guard: GuardSettings | None = None,
    tracking: TrackingSettings | bool = True,
    wait: bool = True,
    start_timeout_s: float = 60.0,
    golden_every_s: float = 300.0,
    golden_idle_s: float = 10.0,
    health: HealthRules | None = None,
    python: str | None = None,
    clock_ns: Clock = time.monotonic_ns,
) -> LiveSession:
    """Start to analyse live frames.

    Args:
        bundle: the bundle's folder.
        on_analysis: called with each outcome, in frame order per stream, on a thread of
            its own. While it is busy only the newest outcome of each stream waits for it.
        max_age_ms: a result older than this, counted from capture, is `NotAnalysed` with
            `STALE`.
        isolation: "process" runs the engine in a worker process: its crash or hang costs
            a frame and a restart. "thread" spares the crossing, and the engine's crash is
            the host's.
        deadline_ms: an engine that has not answered after so long is killed.
        standby: keep a second worker loaded, for a restart in milliseconds; it costs the
            engine's memory twice.
        runtime, variant, threads, roi, guard, tracking: as `sonoedge.open`.
        wait: return when the engine is ready; False returns at once, in STARTING.
        start_timeout_s: an engine that is not ready after so long counts as hung.
        golden_every_s: the golden frames are asked again at least so often, in between
            frames; a wrong answer latches FAULT.
        golden_idle_s: and so often while no frames come.
        health: when FAULT is latched and when DEGRADED is left.
        python: the interpreter of the worker, where `sys.executable` is none, as in a
            program that embeds Python.
        clock_ns: a monotonic clock in nanoseconds, that of `Frame.captured_ns`.

    Raises:
        BundleError, MissingDependency, RuntimeUnavailable: as `sonoedge.open`.
        EngineFailed: the engine refused the model; `EngineCrashed`: it died, or hung.
        InvalidSettings: an argument is out of range.
    """
    from sonoedge.session.setup import Setup
    from sonoedge.session.supervisor import SupervisorRules

    _check(max_age_ms=max_age_ms, deadline_ms=deadline_ms, start_timeout_s=start_timeout_s)
    _check(golden_every_s=golden_every_s, golden_idle_s=golden_idle_s)
    if isolation not in ("process", "thread"):
        raise InvalidSettings(f"isolation is {isolation!r}; use 'process' or 'thread'")
    if standby and isolation == "thread":
        raise InvalidSettings('standby needs isolation="process"')
    if runtime != "auto" and runtime not in RUNTIMES:
        raise InvalidSettings(f"runtime is {runtime!r}; use auto or one of {', '.join(RUNTIMES)}")
    manifest = read_bundle(bundle).manifest
    setup = Setup(
        bundle=str(Path(bundle).absolute()),
        runtime=runtime,
        variant=variant,
        threads=threads,
        roi=roi,
        guard=guard,
        tracking=tracking,
    )
    make, release = _maker(setup, isolation, python)
    desk = Desk(
        max_age_ns=round(max_age_ms * 1e6),
        rules=health or HealthRules(),
        unknown=Origin(
            bundle_id=manifest.bundle_id, engine_sha256="", runtime="", precision="", variant=""
        ),
        delivers=on_analysis is not None,
        clock_ns=clock_ns,
    )
    session = LiveSession(
        desk,
        make,
        SupervisorRules(
            deadline_ns=round(deadline_ms * 1e6),
            start_ns=round(start_timeout_s * 1e9),
            golden_every_ns=round(golden_every_s * 1e9),
            golden_idle_ns=round(golden_idle_s * 1e9),
            standby=standby,
        ),
        guard=guard or manifest.guard,
        labels=manifest.postprocess.labels,
        threshold=manifest.postprocess.flag_threshold,
        on_analysis=on_analysis,
        release=release,
        clock_ns=clock_ns,
    )
    if wait:
        _opened(session, desk)
    return session


def _opened(session: LiveSession, desk: Desk) -> None:
    try:
        desk.opened.wait()
    except BaseException:
        session.close()
        raise
    if desk.open_error is not None:
        session.close()
        raise desk.open_error
    if desk.closed:
        raise Closed("the session was closed while it started")


def _maker(
    setup: Setup, isolation: Isolation, python: str | None
) -> tuple[Callable[[str | None], Engine], Callable[[], None]]:
    """What makes engines, and what is to be released when all is over."""
    if isolation == "thread":
        from sonoedge.session.thread import ThreadEngine

        return lambda variant: ThreadEngine(_pinned(setup, variant)), lambda: None
    from sonoedge.session.process import ProcessEngine, require_isolation
    from sonoedge.session.shm import FrameMemory

    require_isolation()
    memory = FrameMemory()
    return lambda variant: ProcessEngine(_pinned(setup, variant), memory, python), memory.close


def _pinned(setup: Setup, variant: str | None) -> Setup:
    """Later engines are the variant that the first one was."""
    return setup if variant is None else dataclasses.replace(setup, variant=variant)


def _check(**values: float) -> None:
    for name, value in values.items():
        if not 0 < value < 1e9:
            raise InvalidSettings(f"{name} must be above 0")
