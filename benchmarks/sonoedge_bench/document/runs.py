"""One tape as the document holds it: figures, costs, outcomes, and the raw samples."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import numpy as np

from sonoedge_bench.modes.tape import Outcomes, Tape
from sonoedge_bench.statistics import summary

# Reasons that are the system's fault and not the picture's: the frame had to have a result.
FAILURES: Final = frozenset(
    {
        "superseded",
        "in flight",
        "STALE",
        "DEADLINE_MISSED",
        "ENGINE_CRASHED",
        "ENGINE_FAILED",
        "ENGINE_OUTPUT_INVALID",
        "INTERNAL_ERROR",
        "STARTING",
        "UNAVAILABLE",
        "FAULT",
        "CLOSED",
    }
)


def run_document(tape: Tape) -> dict[str, Any]:
    """Plain values; unknown is None."""
    figures = {n: _summary(tape, n) for n in tape.rows.known_columns() if n != "number"}
    rows = len(tape.rows)
    return asdict(tape.subject) | {
        "figures": figures,
        "overhead_percent": _percent(figures),
        "throughput_fps": _throughput(tape),
        "cost": _cost(tape, rows),
        "memory_mib": tape.memory_mib,
        "outcomes": _outcomes(tape),
        "over_time": None if tape.monitor is None else tape.monitor.columns(),
        "facts": tape.facts,
        "samples": tape.rows.plain(),
        "warm_up": tape.warm_up.plain(),
        "others": [[number, outcome] for number, outcome in tape.outcomes.without_result],
    }


def missed(outcomes: Outcomes, ages_ms: list[float], deadline_ms: float) -> tuple[int, int]:
    """Frames without a result in time: (late, lost)."""
    late = sum(age > deadline_ms for age in ages_ms)
    lost = sum(outcome in FAILURES for _, outcome in outcomes.without_result)
    return late, lost


def _summary(tape: Tape, name: str) -> dict[str, Any]:
    values = tape.rows.column(name)
    return summary(values[~np.isnan(values)].tolist())


def _percent(figures: dict[str, Any]) -> float | None:
    """Overhead over what it is above: the bare call, or the engine's call within the frame."""
    if "overhead_ms" not in figures or figures["overhead_ms"]["p50"] is None:
        return None
    closed = "analyse_ms" in figures
    below = figures.get("bare_ms" if closed else "engine_ms")
    if below is None or below["p50"] is None or below["p50"]["value"] <= 0:
        return None
    above: float = figures["overhead_ms"]["p50"]["value"]
    return round(100 * above / float(below["p50"]["value"]), 2)


def _throughput(tape: Tape) -> float | None:
    """Analysed frames per second of the time that they took, or, paced, that went by."""
    if not tape.spent.wall_s or not tape.outcomes.analysed:
        return None
    return round(tape.outcomes.analysed / tape.spent.wall_s, 2)


def _cost(tape: Tape, rows: int) -> dict[str, Any]:
    spent = tape.spent
    known = rows > 0 and spent.wall_s > 0
    worker = spent.worker_cpu_s
    # A worker whose time is not known makes the sum unknown.
    whole: float | None = spent.host_cpu_s + (worker or 0.0)
    if tape.subject.isolation == "process" and worker is None:
        whole = None
    return {
        "wall_s": round(spent.wall_s, 3),
        "cpu_ms_per_frame": _over(whole, rows, 1e3) if known else None,
        "host_cpu_ms_per_frame": _over(spent.host_cpu_s, rows, 1e3) if known else None,
        "worker_cpu_ms_per_frame": _over(worker, rows, 1e3) if known else None,
        "cores_used": _over(whole, spent.wall_s, 1.0) if known else None,
        "joules_per_frame": _over(spent.joules, spent.joules_frames, 1.0),
        "watts": _over(spent.joules, spent.wall_s, 1.0) if known else None,
    }


def _over(value: float | None, by: float, scale: float) -> float | None:
    return None if value is None or not by else round(scale * value / by, 4)


def _outcomes(tape: Tape) -> dict[str, Any]:
    outcomes, deadline = tape.outcomes, tape.subject.deadline_ms
    others: dict[str, int] = {}
    for _, outcome in outcomes.without_result:
        others[outcome] = others.get(outcome, 0) + 1
    superseded, in_flight = others.pop("superseded", 0), others.pop("in flight", 0)
    total = outcomes.analysed + sum(others.values()) + superseded + in_flight
    found: dict[str, Any] = {
        "submitted": outcomes.submitted,
        "analysed": outcomes.analysed,
        "not_analysed": dict(sorted(others.items())),
        "superseded": superseded,
        "in_flight": in_flight,
        "balanced": outcomes.balanced and total == outcomes.submitted,
        "late": None,
        "lost": None,
        "misses": None,
        "misses_per_hour": None,
    }
    if deadline is not None and tape.subject.fps is not None and outcomes.submitted:
        ages = tape.rows.column("age_ms")
        late, lost = missed(outcomes, ages[~np.isnan(ages)].tolist(), deadline)
        hours = outcomes.submitted / tape.subject.fps / 3600
        found |= {
            "late": late,
            "lost": lost,
            "misses": late + lost,
            "misses_per_hour": round((late + lost) / hours, 2),
        }
    return found
