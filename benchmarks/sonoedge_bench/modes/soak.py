"""Paced for long: does memory grow, do results get slower, does the machine throttle?"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge_bench.modes.paced import COLUMNS, ROWS_BEFOREHAND, driven, run
from sonoedge_bench.modes.plan import Plan, unless_absent
from sonoedge_bench.modes.tape import Recording, Tape
from sonoedge_bench.statistics import ratio_of_medians, slope

SETTLE: Final = 0.2  # of the run: caches fill and allocators settle before growth is looked at
NOISE_MIB: Final = 1.0  # growth below this is no leak yet: allocators take memory in steps


def soak(plan: Plan, recording: Recording) -> None:
    """Run the variants one after the other, and judge each.

    Raises:
        SonoedgeError: as `paced`.
    """
    fps, threads = plan.options.fps[0], plan.options.threads[0]
    for variant in plan.variants:
        with (
            unless_absent(recording, variant),
            driven(plan, variant, threads, fps) as engine,
        ):
            subject = plan.subject(variant, engine.origin, threads, fps)
            count = plan.options.arrivals(fps)
            tape = recording.begin(subject, COLUMNS, min(count, ROWS_BEFOREHAND))
            try:
                run(plan, engine, tape, count)
            finally:
                tape.facts |= judge(tape, plan.options.max_growth_mib_per_h)


def judge(tape: Tape, limit_mib_per_h: float) -> dict[str, Any]:
    """Growth of each process's own memory, and drift of the results' age.

    Growth is the slope of anonymous memory from a fifth of the run on, with its interval.
    `verdict`: "kept" where the interval lies below the limit or nothing grew by 1 MiB;
    "exceeded" where it lies above; else "undecided": the run was too short to tell.
    """
    found: dict[str, Any] = {"growth": {}, "drift": None}
    monitor = tape.monitor
    if monitor is not None:
        for process in ("host", "worker"):
            growth = growth_of(
                monitor.values("t_s"), monitor.values(f"{process}_anonymous_mib"), limit_mib_per_h
            )
            if growth is not None:
                found["growth"][process] = growth
    ages = tape.rows.column("age_ms")
    ages = ages[~np.isnan(ages)]
    quarter = len(ages) // 4
    if quarter >= 5:
        ratio, low, high = ratio_of_medians(
            ages[:quarter].tolist(), ages[-quarter:].tolist(), paired=False
        )
        found["drift"] = {
            "first_quarter_p50_ms": round(float(np.median(ages[:quarter])), 4),
            "last_quarter_p50_ms": round(float(np.median(ages[-quarter:])), 4),
            "ratio": round(ratio, 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }
    return found


def growth_of(
    t_s: npt.NDArray[np.float64], mib: npt.NDArray[np.float64], limit_mib_per_h: float
) -> dict[str, Any] | None:
    """See `judge`; None where memory is not known, or there are too few samples."""
    good = ~np.isnan(mib)
    t_s, mib = t_s[good], mib[good]
    if len(t_s) < 2:
        return None
    later = t_s >= t_s[0] + SETTLE * (t_s[-1] - t_s[0])
    t_s, mib = t_s[later], mib[later]
    if len(t_s) < 3:
        return None
    per_s, low, high = slope(t_s.tolist(), mib.tolist())
    span_s = float(t_s[-1] - t_s[0])
    grown = per_s * span_s
    return {
        "mib_per_h": round(per_s * 3600, 3),
        "low": round(low * 3600, 3),
        "high": round(high * 3600, 3),
        "limit_mib_per_h": limit_mib_per_h,
        "grown_mib": round(grown, 3),
        "over_s": round(span_s, 1),
        "verdict": verdict(low * 3600, high * 3600, grown, limit_mib_per_h),
    }


def verdict(low: float, high: float, grown_mib: float, limit: float) -> str:
    """Three answers; see `judge`."""
    if high <= limit:
        return "kept"
    if low > limit and grown_mib > NOISE_MIB:
        return "exceeded"
    return "undecided"
