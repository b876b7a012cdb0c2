from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sonoedge_bench.modes.soak import growth_of, judge, verdict
from sonoedge_bench.modes.tape import Tape

SECONDS = np.arange(600.0)


def memory(mib_per_h: float, start: float = 100.0) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 0.05, len(SECONDS))
    return start + SECONDS * mib_per_h / 3600 + noise


def test_a_leak_is_a_slope_above_the_limit() -> None:
    result = growth_of(SECONDS, memory(60.0), 10.0)
    assert result is not None
    assert result.verdict == "exceeded"
    assert result.low < 60 < result.high
    assert result.growth_mib == pytest.approx(8.0, abs=0.2)  # from a fifth of the run on


def test_level_memory_is_kept_and_what_happens_first_does_not_count() -> None:
    loading = memory(0.0)
    loading[:100] = np.linspace(20, 100, 100)
    result = growth_of(SECONDS, loading, 10.0)
    assert result is not None
    assert result.verdict == "kept"


def test_one_step_of_an_allocator_in_a_short_run_is_undecided() -> None:
    short = SECONDS[:60]
    stepped = np.where(short < 40, 100.0, 100.5)
    result = growth_of(short, stepped, 10.0)
    assert result is not None
    assert result.mib_per_h > 10
    assert result.verdict == "undecided"


def test_the_three_verdicts() -> None:
    assert verdict(-5, 9, 0.1, 10) == "kept"
    assert verdict(11, 15, 1.5, 10) == "exceeded"
    assert verdict(11, 15, 0.9, 10) == "undecided"
    assert verdict(5, 15, 1.5, 10) == "undecided"


def test_memory_that_nobody_tells_or_hardly_anybody_is_not_judged() -> None:
    assert growth_of(SECONDS, np.full(len(SECONDS), np.nan), 10.0) is None
    assert growth_of(SECONDS[:2], np.ones(2), 10.0) is None


def test_drift_is_the_last_quarter_over_the_first(tape: Callable[..., Tape]) -> None:
    recorded = tape(fps=30.0)
    rng = np.random.default_rng(0)
    for number in range(400):
        age = (10.0 if number < 200 else 12.0) + rng.normal(0, 0.1)
        recorded.rows.add({"number": number, "age_ms": age})
    judge(recorded, 10.0)
    result = recorded.drift
    assert result is not None
    assert result.ratio == pytest.approx(1.2, abs=0.01)
    assert result.low > 1.15
    short = tape(fps=30.0)
    judge(short, 10.0)
    assert short.drift is None
