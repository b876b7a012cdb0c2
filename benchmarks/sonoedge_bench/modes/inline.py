"""Paced frames through `Analyser.analyse` in this process: one thread, newest frame wins."""

from __future__ import annotations

from collections.abc import Callable

from sonoedge import Analysed, Analysis, Frame
from sonoedge_bench.frame_set import FrameSet
from sonoedge_bench.modes.schedule import Schedule
from sonoedge_bench.modes.tape import Tape, stages

BARE_EVERY = 8


def drive_inline(
    analyse: Callable[[Frame], Analysis],
    bare: Callable[[int], object] | None,
    frame_set: FrameSet,
    arrivals: Schedule,
    tape: Tape,
    *,
    first: int = 0,
    clock_ns: Callable[[], int],
    sleep_s: Callable[[float], None],
    show: Callable[[int], None] = lambda number: None,
) -> None:
    """Analyse frames as they arrive; one that is overtaken while it waits is superseded.

    Args:
        bare: one bare engine call on the tensor of frame `number`. Every eighth moment of
            the schedule brings one in place of a frame, so that it finds the machine as
            idle as an analysis does; no frame is submitted then.
        first: number of the schedule's first frame.
    """
    outcomes = tape.outcomes
    for at in range(arrivals.count):
        number = first + at
        probe = bare is not None and at % BARE_EVERY == BARE_EVERY - 1
        if arrivals.superseded(at, clock_ns()):
            if not probe:
                outcomes.submitted += 1
                outcomes.without_result.append((number, "superseded"))
            continue
        late_ns = arrivals.wait(at, clock_ns, sleep_s)
        if probe and bare is not None:
            start_ns = clock_ns()
            bare(number)
            tape.rows.add({"number": number, "bare_ms": (clock_ns() - start_ns) / 1e6})
            continue
        due_ns = arrivals.due_ns(at)
        analysis = analyse(frame_set.at(number, due_ns))
        age_ms = (clock_ns() - due_ns) / 1e6
        outcomes.submitted += 1
        if isinstance(analysis, Analysed):
            row: dict[str, float] = {
                "number": number,
                "age_ms": age_ms,
                "driver_delay_ms": late_ns / 1e6,
            }
            row |= stages(analysis)
            row["overhead_ms"] = age_ms - row["engine_ms"]
            tape.rows.add(row)
            outcomes.analysed += 1
        else:
            outcomes.without_result.append((number, analysis.reasons[0].value))
        show(number)
