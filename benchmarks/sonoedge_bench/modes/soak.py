"""Paced for long: does memory grow, do results get slower, does the machine throttle?"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from sonoedge_bench.document.run import Drift, Growth
from sonoedge_bench.modes.paced import measure
from sonoedge_bench.modes.plan import Plan
from sonoedge_bench.modes.tape import Recording, Tape
from sonoedge_bench.statistics import ratio_of_medians, slope

Floats = npt.NDArray[np.float64]
SETTLE: Final = 0.2  # of the run: caches fill and allocators settle before growth is looked at
NOISE_MIB: Final = 1.0  # growth below this is no leak yet: allocators take memory in steps


def soak(plan: Plan, recording: Recording) -> None:
    """Run the variants one after the other, and judge each, also one that ended early.

    Raises:
        SonoedgeError: as `paced`.
    """
    measure(plan, recording, lambda tape: judge(tape, plan.options.max_growth_mib_per_h))


def judge(tape: Tape, limit_mib_per_h: float) -> None:
    """Note growth of each process's own memory, and drift of the results' age, on the tape.

    Growth is the slope of anonymous memory from a fifth of the run on, with its interval.
    `verdict`: "kept" where the interval lies below the limit or nothing grew by 1 MiB;
    "exceeded" where it lies above; else "undecided": the run was too short to tell.
    """
    if tape.monitor is not None:
        times = tape.monitor.values("t_s")
        for process in ("host", "worker"):
            memory = tape.monitor.values(f"{process}_anonymous_mib")
            growth = growth_of(times, memory, limit_mib_per_h)
            if growth is not None:
                tape.growth[process] = growth
    ages = tape.rows.column("age_ms")
    tape.drift = drift_of(ages[~np.isnan(ages)])


def drift_of(ages_ms: Floats) -> Drift | None:
    """Last quarter over first; None where a quarter has fewer than five results."""
    quarter = len(ages_ms) // 4
    if quarter < 5:
        return None
    first, last = ages_ms[:quarter], ages_ms[-quarter:]
    ratio, low, high = ratio_of_medians(first.tolist(), last.tolist(), paired=False)
    return Drift(
        first_quarter_p50_ms=round(float(np.median(first)), 4),
        last_quarter_p50_ms=round(float(np.median(last)), 4),
        ratio=round(ratio, 4),
        low=round(low, 4),
        high=round(high, 4),
    )


def growth_of(t_s: Floats, mib: Floats, limit_mib_per_h: float) -> Growth | None:
    """Slope of memory over time, as `judge` tells; None where there are too few samples.

    Args:
        t_s: seconds, float64 (N,).
        mib: memory, float64 (N,); NaN where not known.
    """
    valid = ~np.isnan(mib)
    t_s, mib = t_s[valid], mib[valid]
    if len(t_s) < 2:
        return None
    later = t_s >= t_s[0] + SETTLE * (t_s[-1] - t_s[0])
    t_s, mib = t_s[later], mib[later]
    if len(t_s) < 3:
        return None
    per_s, low, high = slope(t_s.tolist(), mib.tolist())
    span_s = float(t_s[-1] - t_s[0])
    growth_mib = per_s * span_s
    return Growth(
        mib_per_h=round(per_s * 3600, 3),
        low=round(low * 3600, 3),
        high=round(high * 3600, 3),
        limit_mib_per_h=limit_mib_per_h,
        growth_mib=round(growth_mib, 3),
        span_s=round(span_s, 1),
        verdict=verdict(low * 3600, high * 3600, growth_mib, limit_mib_per_h),
    )


def verdict(
    low: float, high: float, growth_mib: float, limit: float
) -> Literal["kept", "exceeded", "undecided"]:
    """Of an interval in MiB per hour: within the limit, above it, or undecided (see `judge`)."""
    if high <= limit:
        return "kept"
    if low > limit and growth_mib > NOISE_MIB:
        return "exceeded"
    return "undecided"
