from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge_bench.document import Document
from sonoedge_bench.options import Options
from sonoedge_bench.statistics import summary
from sonoedge_bench.targets.judge import judge, with_target
from sonoedge_bench.targets.target import parse

# Machines as they would describe themselves; none was measured.


def test_its_settings_are_taken_where_the_caller_gives_none(fields: dict[str, Any]) -> None:
    target = parse("x", fields)
    options = with_target(Options(bundle=Path("b")), target)
    assert (options.runtime, options.precision) == ("openvino", "int8")
    assert (options.threads, options.fps, options.deadline_ms) == ((2,), (20.0,), 50.0)
    own = Options(
        bundle=Path("b"), variants=("v",), threads=(None,), fps=(30.0,), deadline_ms=9.0,
        explicit=frozenset({"fps", "threads"}),
    )  # fmt: skip
    options = with_target(own, target)
    assert (options.runtime, options.precision, options.variants) == (None, None, ("v",))
    assert (options.threads, options.fps, options.deadline_ms) == ((None,), (30.0,), 9.0)


def test_the_budget_is_kept_missed_or_not_known(
    fields: dict[str, Any], measured: Callable[..., Document]
) -> None:
    target = parse("x", fields)
    assert judge(measured(age=9.0), target, []).failures == ()
    slow = judge(measured(age=21.0, misses=7.0), target, [])
    assert slow.failures == (
        "v: age_p99_ms is 21, allowed 20",
        "v: misses_per_hour is 7, allowed 6",
    )
    short = judge(measured(age=None), target, [])
    assert short.failures == ("v: age_p99_ms is not known: 30 samples, 299 are required",)


def test_on_another_machine_and_after_half_a_run_nothing_is_judged_as_kept(
    fields: dict[str, Any],
    measured: Callable[..., Document],
) -> None:
    target = parse("x", fields)
    other = judge(measured(age=9.0), target, ["cores: too few"])
    assert (other.matches, other.limits) == (False, ())
    assert other.failures == ("this machine is not x: cores: too few",)
    half = dataclasses.replace(measured(age=9.0), complete=False, stop_reason="interrupted")
    assert "ended early" in judge(half, target, []).failures[0]


@pytest.fixture
def measured(a_document: Any, a_run: Any) -> Callable[..., Document]:
    """A paced document whose ages are all alike; 30 samples where `age` is None."""

    def make(age: float | None, misses: float = 0.0) -> Document:
        samples = [1.0] * 30 if age is None else [age] * 300
        run = a_run("paced")
        run = dataclasses.replace(
            run,
            variant="v",
            figures={"age_ms": summary(samples)},
            outcomes=dataclasses.replace(run.outcomes, misses_per_hour=misses),
        )
        document: Document = a_document("paced", run)
        return document

    return make
