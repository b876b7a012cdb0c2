"""`sonoedge.live`: begin a live session."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sonoedge.analysis import Analysis, Origin
from sonoedge.bundle import read_bundle
from sonoedge.engines.options import DEFAULT_ENGINE, EngineOptions, check_engine_options
from sonoedge.errors import Closed, InvalidSettings
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.session.exchange import Clock, Desk
from sonoedge.session.live import LiveSession
from sonoedge.session.mailbox import Buffers
from sonoedge.session.states import HealthRules

if TYPE_CHECKING:
    from sonoedge.session.engine import Engine
    from sonoedge.session.worker.setup import Setup

Isolation = Literal["process", "thread"]


def live(
    bundle: str | Path,
    on_analysis: Callable[[Analysis], None] | None = None,
    max_age_ms: float = 150.0,
    isolation: Isolation = "process",
    *,
    deadline_ms: float = 500.0,
    standby: bool = False,
    engine: EngineOptions = DEFAULT_ENGINE,
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
        engine, roi, guard, tracking: as `sonoedge.open`.
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
    from sonoedge.session.rules import SupervisorRules
    from sonoedge.session.worker.setup import Setup

    _check(max_age_ms=max_age_ms, deadline_ms=deadline_ms, start_timeout_s=start_timeout_s)
    _check(golden_every_s=golden_every_s, golden_idle_s=golden_idle_s)
    if isolation not in ("process", "thread"):
        raise InvalidSettings(f"isolation is {isolation!r}; use 'process' or 'thread'")
    if standby and isolation == "thread":
        raise InvalidSettings('standby needs isolation="process"')
    check_engine_options(engine)
    manifest = read_bundle(bundle, test_doubles=engine.test_doubles).manifest
    setup = Setup(
        bundle=str(Path(bundle).absolute()),
        engine=engine,
        roi=roi,
        guard=guard,
        tracking=tracking,
    )
    make, buffers, release = _maker(setup, isolation, python)
    desk = Desk(
        max_age_ns=round(max_age_ms * 1e6),
        rules=health or HealthRules(),
        unknown=Origin(
            bundle_id=manifest.bundle_id, engine_sha256="", runtime="", precision="", variant=""
        ),
        delivers=on_analysis is not None,
        clock_ns=clock_ns,
        buffers=buffers,
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
) -> tuple[Callable[[str | None], Engine], Buffers, Callable[[], None]]:
    """What makes engines, where frames wait, and what is to be released when all is over."""
    if isolation == "thread":
        from sonoedge.session.thread_engine import ThreadEngine

        return lambda variant: ThreadEngine(_pinned(setup, variant)), Buffers(), lambda: None
    from sonoedge.session.worker.process import ProcessEngine, require_isolation
    from sonoedge.session.worker.shared_memory import FrameMemory

    require_isolation()
    memory = FrameMemory()

    def make(variant: str | None) -> Engine:
        return ProcessEngine(_pinned(setup, variant), memory, python)

    return make, Buffers(memory.empty), memory.close


def _pinned(setup: Setup, variant: str | None) -> Setup:
    """Later engines are the variant that the first one was."""
    if variant is None:
        return setup
    engine = dataclasses.replace(setup.engine, variant=variant)
    return dataclasses.replace(setup, engine=engine)


def _check(**values: float) -> None:
    for name, value in values.items():
        if not 0 < value < 1e9:
            raise InvalidSettings(f"{name} must be above 0")
