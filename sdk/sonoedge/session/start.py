"""`sonoedge.live`: begin a live session."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from sonoedge.analysis import Analysis, Origin
from sonoedge.engines.options import DEFAULT_ENGINE, EngineOptions
from sonoedge.engines.settings_check import check_settings
from sonoedge.errors import Closed, InvalidSettings
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.recording.settings import Recording
from sonoedge.session.exchange import Clock, Exchange
from sonoedge.session.live import LiveSession
from sonoedge.session.mailbox import Buffers
from sonoedge.session.shadow.settings import Shadow
from sonoedge.session.states import HealthRules
from sonoedge.session.times import check_times
from sonoedge.trust.policy import TrustPolicy

if TYPE_CHECKING:
    from sonoedge.audit import AuditLog
    from sonoedge.audit.session_records import SessionRecords
    from sonoedge.bundle import Bundle
    from sonoedge.recording.recorder import Recorder
    from sonoedge.session.engine import Engine
    from sonoedge.session.opening import Opening
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
    explain: bool = False,
    describe_every_ms: float | None = None,
    certainty: str | Path | None = None,
    wait: bool = True,
    start_timeout_s: float = 60.0,
    golden_every_s: float = 300.0,
    golden_idle_s: float = 10.0,
    health: HealthRules | None = None,
    python: str | None = None,
    clock_ns: Clock = time.monotonic_ns,
    trust: TrustPolicy | None = None,
    shadow: Shadow | None = None,
    audit: str | Path | AuditLog | None = None,
    record: Recording | None = None,
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
        engine, roi, guard, tracking, explain, trust: as `sonoedge.open`.
        describe_every_ms: the flagged region is measured, and put into words, at most so often,
            after its result has left; see `LiveSession.description`. None does so never.
        certainty: as `sonoedge.open`, for those descriptions. A bundle that the session switches
            to has its own thresholds.
        wait: return when the engine is ready; False returns at once, in STARTING.
        start_timeout_s: an engine that is not ready after so long counts as hung.
        golden_every_s: the golden frames are asked again at least so often, in between
            frames; a wrong answer latches FAULT.
        golden_idle_s: and so often while no frame is analysed.
        health: when FAULT is latched and when DEGRADED is left.
        python: the worker's interpreter, which must have sonoedge installed; needed where
            this program is none itself: frozen (PyInstaller and the like), or embedding Python.
        clock_ns: a monotonic clock in nanoseconds, that of `Frame.captured_ns`.
        shadow: a candidate bundle that is shown some of the frames in a worker of its own;
            `status().shadow` counts where it disagrees, and no result is ever its.
        audit: an audit log's folder, which the session opens and closes, or an open log that
            the host closes. Where it cannot be written, analysis goes on, in DEGRADED with
            LOG_STORAGE.
        record: keep the frames around each flag and fault, which may show patients; None
            keeps none.

    Raises:
        AuditBroken: the audit log has lost the key for its next seal.
        BundleError, MissingDependency, RuntimeUnavailable: as `sonoedge.open`.
        EngineFailed: the engine refused the model; `EngineCrashed`: it died, or hung.
        InvalidSettings: an argument is out of range.
        OutputError: the recording's folder cannot be written.
        StoreError: as `sonoedge.open`.
    """
    from sonoedge.recalibration import read_recalibration
    from sonoedge.session.opening import Opening
    from sonoedge.session.rules import SupervisorRules
    from sonoedge.session.shadow.candidate import read_candidate
    from sonoedge.session.worker.process import require_isolation

    check_times(max_age_ms=max_age_ms, deadline_ms=deadline_ms, start_timeout_s=start_timeout_s)
    check_times(golden_every_s=golden_every_s, golden_idle_s=golden_idle_s)
    if describe_every_ms is not None:
        check_times(describe_every_ms=describe_every_ms)
    elif certainty is not None:
        raise InvalidSettings("certainty is for descriptions; give describe_every_ms as well")
    if on_analysis is not None and not callable(on_analysis):
        raise InvalidSettings(f"on_analysis must be a function, or None, not {on_analysis!r:.80}")
    if health is not None and not isinstance(health, HealthRules):
        raise InvalidSettings(f"health must be HealthRules, or None, not {health!r:.80}")
    if isolation not in ("process", "thread"):
        raise InvalidSettings(f"isolation is {isolation!r}; use 'process' or 'thread'")
    if (standby or shadow is not None) and isolation == "thread":
        raise InvalidSettings('standby and shadow need isolation="process"')
    if shadow is not None and not isinstance(cast("object", shadow), Shadow):
        raise InvalidSettings(f"shadow must be a Shadow, or None, not {shadow!r:.80}")
    if record is not None and not isinstance(cast("object", record), Recording):
        raise InvalidSettings(f"record must be a Recording, or None, not {record!r:.80}")
    if not isinstance(cast("object", explain), bool):
        raise InvalidSettings(f"explain must be True or False, not {explain!r:.80}")
    check_settings(engine, roi=roi, guard=guard, tracking=tracking)
    thresholds = None if certainty is None else read_recalibration(certainty)
    program = require_isolation(python) if isolation == "process" else ""
    records = None if audit is None else _records(audit, clock_ns)
    held_bytes = 0 if record is None else record.memory_bytes
    start, buffers, release = _starter(program, held_bytes)
    opening = Opening(
        start=start,
        engine=engine,
        roi=roi,
        guard=guard,
        tracking=tracking,
        explain=explain,
        trust=trust,
        certainty=thresholds,
    )
    try:
        admitted = opening.read(bundle)
        candidate = None if shadow is None else read_candidate(shadow, opening, program)
        admitted.use_grant()
    except BaseException as error:
        release()
        if records is not None and isinstance(error, Exception):
            records.refused(error)
        raise
    if records is not None:
        records.started(admitted.opened, max_age_ms=max_age_ms)
    exchange = Exchange(
        max_age_ns=round(max_age_ms * 1e6),
        rules=health or HealthRules(),
        placeholder=Origin(
            bundle_id=admitted.bundle_id, engine_sha256="", runtime="", precision="", variant=""
        ),
        delivers=on_analysis is not None,
        clock_ns=clock_ns,
        buffers=buffers,
        observer=records,
    )
    recorder = None
    try:
        if record is not None:
            times_ms = float(max_age_ms), float(deadline_ms)
            recorder = _recorder(record, opening, admitted.opened, exchange, times_ms)
    except BaseException as error:
        release()
        if records is not None and isinstance(error, Exception):
            records.refused(error)
        raise
    exchange.observer.begin(exchange)
    beside = None if candidate is None else candidate.start(exchange, clock_ns)
    if records is not None and candidate is not None and beside is not None:
        records.watch(candidate.manifest_sha256, beside.tally.status)
    session = LiveSession(
        exchange,
        admitted.bundle,
        SupervisorRules(
            deadline_ns=round(deadline_ms * 1e6),
            start_ns=round(start_timeout_s * 1e9),
            golden_every_ns=round(golden_every_s * 1e9),
            golden_idle_ns=round(golden_idle_s * 1e9),
            standby=standby,
            describe_every_ns=None if describe_every_ms is None else round(describe_every_ms * 1e6),
        ),
        on_analysis=on_analysis,
        release=release,
        clock_ns=clock_ns,
        opening=opening if isolation == "process" else None,
        shadow=beside,
        recorder=recorder,
    )
    if wait:
        _opened(session, exchange)
    try:
        admitted.settle_grants()
    except BaseException:
        session.close()
        raise
    return session


def _records(audit: object, clock_ns: Clock) -> SessionRecords:
    from sonoedge.audit.session_records import session_records

    return session_records(audit, clock_ns)


def _recorder(
    record: Recording,
    opening: Opening,
    bundle: Bundle,
    exchange: Exchange,
    times_ms: tuple[float, float],
) -> Recorder:
    """What records the session; frames come to it from now on.

    Args:
        times_ms: the oldest age of a result, and the engine's deadline.
    """
    from sonoedge.recording.description import Description
    from sonoedge.recording.recorder import Recorder

    description = Description(
        bundle.manifest,
        bundle.manifest_sha256,
        threads=opening.engine.threads,
        roi=opening.roi,
        guard=opening.guard,
        tracking=opening.tracking,
        max_age_ms=times_ms[0],
        deadline_ms=times_ms[1],
    )
    recorder = Recorder(record, description, exchange.status, exchange.buffers)
    exchange.departures.observer = recorder
    return recorder


def _opened(session: LiveSession, exchange: Exchange) -> None:
    try:
        exchange.standing.opened.wait()
    except BaseException:
        session.close()
        raise
    if exchange.standing.open_error is not None:
        session.close()
        raise exchange.standing.open_error
    if exchange.closed:
        raise Closed("the session was closed while it started")


def _starter(
    program: str, held_bytes: int
) -> tuple[Callable[[Setup], Engine], Buffers, Callable[[], None]]:
    """What starts engines, where frames wait, and what is to be released when all is over.

    Args:
        program: the interpreter that workers run on; "" for an engine in a thread.
        held_bytes: of frames that a recording holds, beside those that wait.
    """
    if not program:
        from sonoedge.session.thread_engine import ThreadWorker

        return ThreadWorker, Buffers(), lambda: None
    from sonoedge.session.worker.process import ProcessWorker
    from sonoedge.session.worker.shared_memory import ROOM, FrameMemory

    memory = FrameMemory(room=ROOM + held_bytes)

    def start(setup: Setup) -> Engine:
        return ProcessWorker(setup, memory, program)

    return start, Buffers(memory.empty), memory.close
