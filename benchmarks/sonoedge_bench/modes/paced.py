"""Frames arrive at their own pace, as on a device: how old is each result?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from sonoedge import Analysis, Frame, LiveSession, Origin
from sonoedge.bundle import Variant
from sonoedge.errors import EngineFailed, InvalidData
from sonoedge.processing.preprocess import Preprocess
from sonoedge_bench.machine.conditions import Monitor
from sonoedge_bench.modes.inline import drive_inline
from sonoedge_bench.modes.live import Inbox, drive_live
from sonoedge_bench.modes.plan import Plan, unless_absent
from sonoedge_bench.modes.schedule import Schedule, schedule
from sonoedge_bench.modes.tape import STAGE_COLUMNS, Recording, Tape
from sonoedge_bench.modes.usage import Usage, memory_of

MAX_AGE_MS: Final = 150.0  # `sonoedge.live`'s own
WARM_UP_S: Final = 1.0
COLUMNS: Final = ("age_ms", "overhead_ms", "late_ms", "bare_ms", *STAGE_COLUMNS)
ROWS_BEFOREHAND: Final = 1_000_000


class Driven(Protocol):
    """An engine that frames are driven through at their pace."""

    @property
    def origin(self) -> Origin: ...

    def worker(self) -> int | None:
        """Process id of its worker, or None."""
        ...

    def drive(
        self, arrivals: Schedule, tape: Tape, first: int, show: Callable[[int], None]
    ) -> None:
        """Drive the schedule's frames through it; the first one's number is `first`."""
        ...


def paced(plan: Plan, recording: Recording) -> None:
    """Measure the variants one after the other.

    Raises:
        SonoedgeError: as `sonoedge.open` and `sonoedge.live`; InvalidData where not one
            frame is analysed.
    """
    fps, threads = plan.options.fps[0], plan.options.threads[0]
    for variant in plan.variants:
        with (
            unless_absent(recording, variant),
            driven(plan, variant, threads, fps) as engine,
        ):
            subject = plan.subject(variant, engine.origin, threads, fps)
            many = plan.options.arrivals(fps)
            tape = recording.begin(subject, COLUMNS, min(many, ROWS_BEFOREHAND))
            run(plan, engine, tape, many)


def run(plan: Plan, engine: Driven, tape: Tape, many: int) -> None:
    """One paced run with its warm-up.

    Raises:
        InvalidData: not one frame was analysed.
    """
    fps = tape.subject.fps or plan.options.fps[0]
    warm = Tape(subject=tape.subject, rows=tape.warm_up, warm_up=tape.warm_up)
    warm_many = max(5, round(WARM_UP_S * fps))
    engine.drive(schedule(plan.clock_ns(), fps, warm_many), warm, 0, lambda number: None)
    usage = Usage(tape.spent, engine.worker, plan.energy, plan.clock_ns)
    progress = plan.progress(many)
    with Monitor(engine.worker, capacity=round(many / fps) + 64) as monitor:
        tape.monitor = monitor
        usage.begin()
        try:
            arrivals = schedule(plan.clock_ns(), fps, many)
            engine.drive(arrivals, tape, 0, lambda n: progress.show(n + 1, tape.subject.variant))
        finally:
            usage.end(len(tape.rows))
            tape.memory_mib = memory_of(monitor, engine.worker())
            progress.clear()
    if not tape.outcomes.analysed:
        why = ", ".join(sorted({token for _, token in tape.outcomes.others}))
        raise InvalidData(f"{tape.subject.variant}: not one of {many} frames was analysed ({why})")


@contextmanager
def driven(
    plan: Plan, variant: Variant, threads: int | None, fps: float, *, quiet: bool = False
) -> Iterator[Driven]:
    """The variant, opened as `--isolation` says.

    Args:
        quiet: a session asks no golden frames in between.

    Raises:
        SonoedgeError: as `sonoedge.open` and `sonoedge.live`.
    """
    if plan.options.isolation == "none":
        with plan.analyser(variant, threads) as analyser:
            scale = Preprocess(plan.bundle.manifest.preprocess)
            tensors = [scale.frame(f)[0].copy() for f in plan.shown.frames]
            name, engine = analyser.engine.inputs[0].name, analyser.engine

            def bare(number: int) -> object:
                return engine.infer({name: tensors[plan.shown.index(number)]})

            yield Inline(plan, analyser.origin, analyser.analyse, bare)
        return
    inbox = Inbox(plan.clock_ns)
    max_age_ms = max(MAX_AGE_MS, plan.deadline_ms(fps))
    with plan.session(variant, threads, inbox.took, max_age_ms=max_age_ms, quiet=quiet) as session:
        origin = session.status().origin
        if origin is None:
            raise EngineFailed("the session is ready and knows no engine")
        yield Live(plan, origin, session, inbox)


class Inline:
    """`Analyser.analyse` in this process."""

    def __init__(
        self,
        plan: Plan,
        origin: Origin,
        analyse: Callable[[Frame], Analysis],
        bare: Callable[[int], object],
    ) -> None:
        self._plan, self.origin, self._analyse, self._bare = plan, origin, analyse, bare

    def worker(self) -> int | None:
        """There is none."""
        return None

    def drive(
        self, arrivals: Schedule, tape: Tape, first: int, show: Callable[[int], None]
    ) -> None:
        """See `drive_inline`."""
        plan = self._plan
        drive_inline(
            self._analyse,
            self._bare,
            plan.shown,
            arrivals,
            tape,
            first=first,
            clock_ns=plan.clock_ns,
            sleep_s=plan.sleep_s,
            show=show,
        )


class Live:
    """A live session."""

    def __init__(self, plan: Plan, origin: Origin, session: LiveSession, inbox: Inbox) -> None:
        self._plan, self.origin, self._session, self._inbox = plan, origin, session, inbox

    def worker(self) -> int | None:
        """The worker's process id at this moment."""
        return self._session.worker_pid

    def drive(
        self, arrivals: Schedule, tape: Tape, first: int, show: Callable[[int], None]
    ) -> None:
        """See `drive_live`."""
        plan = self._plan
        drive_live(
            self._session,
            self._inbox,
            plan.shown,
            arrivals,
            tape,
            first=first,
            clock_ns=plan.clock_ns,
            sleep_s=plan.sleep_s,
            show=show,
        )
