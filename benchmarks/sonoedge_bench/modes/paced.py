"""Frames arrive at their own pace, as on a device: how old is each result?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from sonoedge import Origin
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
COLUMNS: Final = ("age_ms", "overhead_ms", "driver_delay_ms", "bare_ms", *STAGE_COLUMNS)
ROWS_BEFOREHAND: Final = 1_000_000


class Drive(Protocol):
    """Drives a schedule's frames through an engine, onto a tape."""

    def __call__(
        self,
        arrivals: Schedule,
        tape: Tape,
        *,
        first: int,
        show: Callable[[int], None] = lambda number: None,
    ) -> None:
        """The first frame's number is `first`; `show` is told each frame's number."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PacedEngine:
    """An engine that frames are driven through at their own pace.

    Attributes:
        worker: process id of its worker at this moment, or None.
    """

    origin: Origin
    worker: Callable[[], int | None]
    drive: Drive


def paced(plan: Plan, recording: Recording) -> None:
    """Measure the variants one after the other.

    Raises:
        SonoedgeError: as `sonoedge.open` and `sonoedge.live`; InvalidData where not one
            frame is analysed.
    """
    measure(plan, recording)


def measure(
    plan: Plan, recording: Recording, finish: Callable[[Tape], None] = lambda tape: None
) -> None:
    """As `paced`; `finish` is given each tape at its end, however it comes."""
    fps, threads = plan.options.fps[0], plan.options.threads[0]
    for variant in plan.variants:
        with (
            unless_absent(recording, variant),
            paced_engine(plan, variant, threads, fps) as engine,
        ):
            subject = plan.subject(variant, engine.origin, threads, fps)
            count = plan.options.arrivals(fps)
            tape = recording.begin(subject, COLUMNS, min(count, ROWS_BEFOREHAND))
            try:
                run(plan, engine, tape, count)
            finally:
                finish(tape)


def run(plan: Plan, engine: PacedEngine, tape: Tape, count: int) -> None:
    """One paced run with its warm-up.

    Raises:
        InvalidData: not one frame was analysed.
    """
    fps = tape.subject.fps or plan.options.fps[0]
    warm_up = Tape(subject=tape.subject, rows=tape.warm_up, warm_up=tape.warm_up)
    warm_up_frames = max(5, round(WARM_UP_S * fps))
    engine.drive(schedule(plan.clock_ns(), fps, warm_up_frames), warm_up, first=0)
    usage = Usage(tape.spent, engine.worker, plan.energy, plan.clock_ns)
    progress = plan.progress(count)
    with Monitor(engine.worker, capacity=round(count / fps) + 64) as monitor:
        tape.monitor = monitor
        usage.begin()
        try:
            engine.drive(
                schedule(plan.clock_ns(), fps, count),
                tape,
                first=0,
                show=lambda number: progress.show(number + 1, tape.subject.variant),
            )
        finally:
            usage.end(len(tape.rows))
            tape.memory_mib = memory_of(monitor, engine.worker())
            progress.clear()
    if not tape.outcomes.analysed:
        reasons = ", ".join(sorted({token for _, token in tape.outcomes.without_result}))
        raise InvalidData(
            f"{tape.subject.variant}: not one of {count} frames was analysed ({reasons})"
        )


@contextmanager
def paced_engine(
    plan: Plan, variant: Variant, threads: int | None, fps: float, *, quiet: bool = False
) -> Iterator[PacedEngine]:
    """The variant, opened as `--isolation` says.

    Args:
        quiet: a session runs no golden frames in between.

    Raises:
        SonoedgeError: as `sonoedge.open` and `sonoedge.live`.
    """
    frame_set = plan.frame_set
    if plan.options.isolation == "none":
        with plan.analyser(variant, threads) as analyser:
            scale = Preprocess(plan.bundle.manifest.preprocess)
            tensors = [scale.frame(f)[0].copy() for f in frame_set.frames]
            name, engine = analyser.engine.inputs[0].name, analyser.engine

            def bare(number: int) -> object:
                return engine.infer({name: tensors[frame_set.index(number)]})

            yield PacedEngine(
                origin=analyser.origin,
                worker=lambda: None,
                drive=partial(
                    drive_inline,
                    analyser.analyse,
                    bare,
                    frame_set,
                    clock_ns=plan.clock_ns,
                    sleep_s=plan.sleep_s,
                ),
            )
        return
    inbox = Inbox(plan.clock_ns)
    max_age_ms = max(MAX_AGE_MS, plan.deadline_ms(fps))
    with plan.session(
        variant, threads, inbox.receive, max_age_ms=max_age_ms, quiet=quiet
    ) as session:
        origin = session.status().origin
        if origin is None:
            raise EngineFailed("the session is ready and names no engine; open it again")
        yield PacedEngine(
            origin=origin,
            worker=lambda: session.worker_pid,
            drive=partial(
                drive_live,
                session,
                inbox,
                frame_set,
                clock_ns=plan.clock_ns,
                sleep_s=plan.sleep_s,
            ),
        )
