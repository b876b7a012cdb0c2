"""Back to back: bare engine calls and whole analyses in turns, the next when the last is done.

What MLPerf Inference calls the single-stream scenario. It says what the engine can do, not
what a device sees whose frames come at their own pace: that is `paced`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge import Analysed, Analyser, Analysis, Frame
from sonoedge.errors import InvalidData
from sonoedge.processing.preprocess import Preprocess
from sonoedge.terminal.progress import Progress
from sonoedge_bench.frame_set import FrameSet
from sonoedge_bench.machine.conditions import Monitor
from sonoedge_bench.machine.energy import Energy
from sonoedge_bench.machine.process import cpu_ns
from sonoedge_bench.modes.bursts import BURST, WARM_UP, in_bursts
from sonoedge_bench.modes.plan import PATIENT_MS, Plan, unless_absent
from sonoedge_bench.modes.round_trip import RoundTrip
from sonoedge_bench.modes.tape import STAGE_COLUMNS, Recording, Tape, stages
from sonoedge_bench.modes.usage import memory_of

Tensor = npt.NDArray[np.uint8]
COLUMNS: Final = ("bare_ms", "analyse_ms", "overhead_ms", "non_engine_ms", "cpu_ms", *STAGE_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """An engine that takes turns.

    Attributes:
        bare: one engine call on a preprocessed tensor.
        analyse: one whole analysis.
        worker: process id of the engine's worker, or None.
    """

    tape: Tape
    bare: Callable[[Tensor], object]
    analyse: Callable[[Frame], Analysis]
    worker: Callable[[], int | None] = lambda: None


def closed(plan: Plan, recording: Recording) -> None:
    """Measure every variant; they take turns in bursts, on the same frames.

    Raises:
        SonoedgeError: as `sonoedge.open`; InvalidData where no frame is analysed.
    """
    frames, threads = plan.options.frames or 1, plan.options.threads[0]
    scale = Preprocess(plan.bundle.manifest.preprocess)
    tensors = [scale.frame(f)[0].copy() for f in plan.frame_set.frames]
    with ExitStack() as stack:
        contenders = []
        for variant in plan.variants:
            with unless_absent(recording, variant):
                analyser = stack.enter_context(plan.analyser(variant, threads))
                subject = plan.subject(variant, analyser.origin, threads, None)
                analyse, worker = analyser.analyse, _no_worker
                if plan.options.isolation != "none":
                    round_trip = stack.enter_context(
                        RoundTrip(
                            lambda callback, v=variant: plan.session(  # type: ignore[misc]
                                v, threads, callback, max_age_ms=PATIENT_MS, quiet=True
                            )
                        )
                    )
                    analyse, worker = round_trip.analyse, round_trip.worker_pid  # type: ignore[assignment]
                contenders.append(
                    Contender(
                        tape=recording.begin(subject, COLUMNS, frames),
                        bare=_bare(analyser),
                        analyse=analyse,
                        worker=worker,
                    )
                )
        alone = len(contenders) == 1
        with Monitor(contenders[0].worker if alone else _no_worker) as monitor:
            for contender in contenders:
                contender.tape.monitor = monitor
            take_turns(
                contenders,
                plan.frame_set,
                tensors,
                frames=frames,
                energy=plan.energy,
                clock_ns=plan.clock_ns,
                progress=plan.progress(frames),
            )
            if alone:
                contenders[0].tape.memory_mib = memory_of(monitor, contenders[0].worker())


def take_turns(
    contenders: Sequence[Contender],
    frame_set: FrameSet,
    tensors: Sequence[Tensor],
    *,
    frames: int,
    clock_ns: Callable[[], int],
    warm_up: int = WARM_UP,
    burst: int = BURST,
    energy: Energy | None = None,
    progress: Progress | None = None,
) -> None:
    """Time every contender on the same frames.

    Within a turn each makes one bare call and one analysis; which of the two comes first
    alternates, so that neither always finds the warmer cache.

    Args:
        tensors: the shown frames, preprocessed, uint8 [1, 1, height, width].

    Raises:
        InvalidData: not one frame was analysed.
    """
    in_bursts(
        [(c.tape, partial(_turn, c, frame_set, tensors, clock_ns=clock_ns)) for c in contenders],
        turns=frames,
        warm_up=warm_up,
        burst=burst,
        energy=energy,
        progress=progress,
    )
    for contender in contenders:
        if not len(contender.tape.rows):
            reasons = ", ".join(
                sorted({token for _, token in contender.tape.outcomes.without_result})
            )
            raise InvalidData(
                f"{contender.tape.subject.variant}: not one of {frames} frames was analysed "
                f"({reasons}); use frames of the kind that the bundle was made for"
            )


def _turn(
    contender: Contender,
    frame_set: FrameSet,
    tensors: Sequence[Tensor],
    number: int,
    *,
    clock_ns: Callable[[], int],
    counts: bool,
) -> None:
    """One bare call and one analysis."""
    frame, tensor, tape = frame_set.at(number), tensors[frame_set.index(number)], contender.tape
    bare_ms = analyse_ms = 0.0
    result: Analysis | None = None
    host_ns, worker_ns = 0, None
    for bare_now in (number % 2 == 0, number % 2 == 1):
        if bare_now:
            start_ns = clock_ns()
            contender.bare(tensor)
            bare_ms = (clock_ns() - start_ns) / 1e6
            continue
        pid = contender.worker()
        worker_before, host_before = None if pid is None else cpu_ns(pid), cpu_ns() or 0
        start_ns = clock_ns()
        result = contender.analyse(frame)
        analyse_ms = (clock_ns() - start_ns) / 1e6
        host_ns = (cpu_ns() or 0) - host_before
        after = None if pid is None else cpu_ns(pid)
        if after is not None and worker_before is not None:
            worker_ns = after - worker_before
    if result is None:
        return
    if isinstance(result, Analysed):
        row = {
            "number": number,
            "bare_ms": bare_ms,
            "analyse_ms": analyse_ms,
            "overhead_ms": analyse_ms - bare_ms,
            "cpu_ms": (host_ns + (worker_ns or 0)) / 1e6,
            "non_engine_ms": analyse_ms - result.stages_ms["engine"],
        } | stages(result)
        (tape.rows if counts else tape.warm_up).add(row)
    if not counts:
        return
    tape.outcomes.submitted += 1
    if isinstance(result, Analysed):
        tape.outcomes.analysed += 1
        tape.spent.wall_s += analyse_ms / 1e3
        tape.spent.host_cpu_s += host_ns / 1e9
        if worker_ns is not None:
            tape.spent.worker_cpu_s = (tape.spent.worker_cpu_s or 0.0) + worker_ns / 1e9
    else:
        tape.outcomes.without_result.append((number, result.reasons[0].value))


def _bare(analyser: Analyser) -> Callable[[Tensor], object]:
    name, engine = analyser.engine.inputs[0].name, analyser.engine
    return lambda tensor: engine.infer({name: tensor})


def _no_worker() -> int | None:
    return None
