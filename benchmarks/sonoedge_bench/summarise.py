"""One tape as the document holds it: figures, costs, outcomes, and the raw samples."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping

import numpy as np

from sonoedge_bench.document.figures import Summary
from sonoedge_bench.document.run import FAILURES, Cost, OutcomeCounts, Run
from sonoedge_bench.modes.tape import Outcomes, Tape
from sonoedge_bench.statistics import summary


def summarise(tape: Tape) -> Run:
    """The tape as a run of a document."""
    subject = {f.name: getattr(tape.subject, f.name) for f in dataclasses.fields(tape.subject)}
    figures = {n: _summary(tape, n) for n in tape.rows.known_columns() if n != "number"}
    return Run(
        **subject,
        figures=figures,
        overhead_percent=_overhead_percent(figures),
        throughput_fps=_throughput(tape),
        cost=_cost(tape, len(tape.rows)),
        memory_mib=tape.memory_mib,
        outcomes=_outcomes(tape),
        over_time=None if tape.monitor is None else tape.monitor.columns(),
        engine_restarts=tape.engine_restarts,
        growth=tape.growth,
        drift=tape.drift,
        profile=tape.profile,
        samples=tape.rows.plain(),
        warm_up=tape.warm_up.plain(),
        without_result=tuple(tape.outcomes.without_result),
    )


def missed(outcomes: Outcomes, ages_ms: list[float], deadline_ms: float) -> tuple[int, int]:
    """Frames without a result in time: (late, lost)."""
    late = sum(age > deadline_ms for age in ages_ms)
    lost = sum(outcome in FAILURES for _, outcome in outcomes.without_result)
    return late, lost


def _summary(tape: Tape, name: str) -> Summary:
    values = tape.rows.column(name)
    return summary(values[~np.isnan(values)].tolist())


def _overhead_percent(figures: Mapping[str, Summary]) -> float | None:
    """Overhead over what it is above: the bare call, or the engine's call within the frame."""
    reference = "bare_ms" if "analyse_ms" in figures else "engine_ms"
    overhead, base = (_median(figures, name) for name in ("overhead_ms", reference))
    if overhead is None or base is None or base <= 0:
        return None
    return round(100 * overhead / base, 2)


def _median(figures: Mapping[str, Summary], name: str) -> float | None:
    quantile = figures[name].p50 if name in figures else None
    return None if quantile is None else quantile.value


def _throughput(tape: Tape) -> float | None:
    """Analysed frames per second of the time that they took, or, paced, that went by."""
    if not tape.spent.wall_s or not tape.outcomes.analysed:
        return None
    return round(tape.outcomes.analysed / tape.spent.wall_s, 2)


def _cost(tape: Tape, rows: int) -> Cost:
    spent = tape.spent
    measured = rows > 0 and spent.wall_s > 0
    worker_s = spent.worker_cpu_s
    # A worker whose time is not known makes the sum unknown.
    total_s: float | None = spent.host_cpu_s + (worker_s or 0.0)
    if tape.subject.isolation == "process" and worker_s is None:
        total_s = None
    return Cost(
        wall_s=round(spent.wall_s, 3),
        cpu_ms_per_frame=_ratio(total_s, rows, 1e3) if measured else None,
        host_cpu_ms_per_frame=_ratio(spent.host_cpu_s, rows, 1e3) if measured else None,
        worker_cpu_ms_per_frame=_ratio(worker_s, rows, 1e3) if measured else None,
        cores_used=_ratio(total_s, spent.wall_s, 1.0) if measured else None,
        joules_per_frame=_ratio(spent.joules, spent.joules_frames, 1.0),
        watts=_ratio(spent.joules, spent.wall_s, 1.0) if measured else None,
    )


def _ratio(value: float | None, by: float, scale: float) -> float | None:
    return None if value is None or not by else round(scale * value / by, 4)


def _outcomes(tape: Tape) -> OutcomeCounts:
    outcomes, deadline_ms, fps = tape.outcomes, tape.subject.deadline_ms, tape.subject.fps
    counts = Counter(outcome for _, outcome in outcomes.without_result)
    superseded, in_flight = counts.pop("superseded", 0), counts.pop("in flight", 0)
    total = outcomes.analysed + sum(counts.values()) + superseded + in_flight
    late = lost = misses = misses_per_hour = None
    if deadline_ms is not None and fps is not None and outcomes.submitted:
        ages = tape.rows.column("age_ms")
        late, lost = missed(outcomes, ages[~np.isnan(ages)].tolist(), deadline_ms)
        misses = late + lost
        misses_per_hour = round(misses / (outcomes.submitted / fps / 3600), 2)
    return OutcomeCounts(
        submitted=outcomes.submitted,
        analysed=outcomes.analysed,
        not_analysed=dict(sorted(counts.items())),
        superseded=superseded,
        in_flight=in_flight,
        balanced=outcomes.balanced and total == outcomes.submitted,
        late=late,
        lost=lost,
        misses=misses,
        misses_per_hour=misses_per_hour,
    )
