"""`sonoedge.live`: begin a live session."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sonoedge.analysis import Analysis, Origin
from sonoedge.engines.options import DEFAULT_ENGINE, EngineOptions
from sonoedge.engines.settings_check import check_settings
from sonoedge.engines.stored import start_bundle
from sonoedge.errors import Closed, InvalidSettings
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.session.exchange import Clock, Exchange
from sonoedge.session.live import LiveSession
from sonoedge.session.mailbox import Buffers
from sonoedge.session.states import HealthRules
from sonoedge.trust.policy import TrustPolicy

if TYPE_CHECKING:
    from sonoedge.session.engine import Engine
    from sonoedge.session.worker.setup import Setup

Isolation = Literal["process", "thread"]


def live(  # noqa: PLR0913 - the public call: every setting has a default and a name
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
    trust: TrustPolicy | None = None,
) -> LiveSession:
    """Start to analyse live frames.

    Args:
        bundle: the bundle's folder, or "store:PATH", as `sonoedge.open`. What a store activates
            later does not change a session.
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
        engine, roi, guard, tracking, trust: as `sonoedge.open`.
        wait: return when the engine is ready; False returns at once, in STARTING.
        start_timeout_s: an engine that is not ready after so long counts as hung.
        golden_every_s: the golden frames are asked again at least so often, in between
            frames; a wrong answer latches FAULT.
        golden_idle_s: and so often while no frames come.
        health: when FAULT is latched and when DEGRADED is left.
        python: the worker's interpreter, which must have sonoedge installed; needed where
            this program is none itself: frozen (PyInstaller and the like), or embedding Python.
        clock_ns: a monotonic clock in nanoseconds, that of `Frame.captured_ns`.

    Raises:
        BundleError, MissingDependency, RuntimeUnavailable: as `sonoedge.open`.
        EngineFailed: the engine refused the model; `EngineCrashed`: it died, or hung.
        InvalidSettings: an argument is out of range.
        StoreError: as `sonoedge.open`.
    """
    from sonoedge.session.rules import SupervisorRules
    from sonoedge.session.worker.setup import setup_of

    _check_times(max_age_ms=max_age_ms, deadline_ms=deadline_ms, start_timeout_s=start_timeout_s)
    _check_times(golden_every_s=golden_every_s, golden_idle_s=golden_idle_s)
    if on_analysis is not None and not callable(on_analysis):
        raise InvalidSettings(f"on_analysis must be a function, or None, not {on_analysis!r:.80}")
    if health is not None and not isinstance(health, HealthRules):
        raise InvalidSettings(f"health must be HealthRules, or None, not {health!r:.80}")
    if isolation not in ("process", "thread"):
        raise InvalidSettings(f"isolation is {isolation!r}; use 'process' or 'thread'")
    if standby and isolation == "thread":
        raise InvalidSettings('standby needs isolation="process"')
    check_settings(engine, roi=roi, guard=guard, tracking=tracking)
    opened = start_bundle(bundle, engine, trust)
    manifest = opened.manifest
    setup = setup_of(opened, engine, roi=roi, guard=guard, tracking=tracking)
    make, buffers, release = _maker(setup, isolation, python)
    if opened.lease is not None:
        release = _both(release, opened.lease.close)
    exchange = Exchange(
        max_age_ns=round(max_age_ms * 1e6),
        rules=health or HealthRules(),
        placeholder=Origin(
            bundle_id=manifest.bundle_id, engine_sha256="", runtime="", precision="", variant=""
        ),
        delivers=on_analysis is not None,
        clock_ns=clock_ns,
        buffers=buffers,
    )
    session = LiveSession(
        exchange,
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
        _opened(session, exchange)
    return session


def _opened(session: LiveSession, exchange: Exchange) -> None:
    try:
        exchange.opened.wait()
    except BaseException:
        session.close()
        raise
    if exchange.open_error is not None:
        session.close()
        raise exchange.open_error
    if exchange.closed:
        raise Closed("the session was closed while it started")


def _maker(
    setup: Setup, isolation: Isolation, python: str | None
) -> tuple[Callable[[Origin | None], Engine], Buffers, Callable[[], None]]:
    """What makes engines, where frames wait, and what is to be released when all is over."""
    if isolation == "thread":
        from sonoedge.session.thread_engine import ThreadWorker

        return lambda origin: ThreadWorker(_pinned(setup, origin)), Buffers(), lambda: None
    from sonoedge.session.worker.process import ProcessWorker, require_isolation
    from sonoedge.session.worker.shared_memory import FrameMemory

    python = require_isolation(python)
    memory = FrameMemory()

    def make(origin: Origin | None) -> Engine:
        return ProcessWorker(_pinned(setup, origin), memory, python)

    return make, Buffers(memory.empty), memory.close


def _both(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    def release() -> None:
        first()
        second()

    return release


def _pinned(setup: Setup, origin: Origin | None) -> Setup:
    """Later engines are of the variant and the runtime that the first one was."""
    if origin is None:
        return setup
    engine = dataclasses.replace(setup.engine, variant=origin.variant, runtime=origin.runtime)
    return dataclasses.replace(setup, engine=engine)


def _check_times(**values: object) -> None:
    for name, value in values.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and 0 < value < 1e9):  # type: ignore[operator]
            raise InvalidSettings(f"{name} must be a number above 0 and below 1e9, not {value!r}")
