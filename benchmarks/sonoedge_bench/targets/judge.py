"""A target's settings for a run, and its budget against what was measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

from sonoedge.settings import plain
from sonoedge_bench.document import Document
from sonoedge_bench.document.run import Run
from sonoedge_bench.document.target import LimitResult, TargetResult
from sonoedge_bench.options import Options
from sonoedge_bench.targets.target import Budget, Target

# budget's key: (figure, quantile) by which it is judged
FIGURES: Final = {
    "analyse_p99_ms": ("analyse_ms", "p99"),
    "age_p99_ms": ("age_ms", "p99"),
    "open_p50_ms": ("open_ms", "p50"),
    "first_frame_p50_ms": ("first_frame_ms", "p50"),
}


def with_target(options: Options, target: Target) -> Options:
    """The target's variant, threads, pace and deadline, unless the caller gave their own."""
    named = bool(options.variants) or options.runtime is not None
    return dataclasses.replace(
        options,
        runtime=options.runtime if named else target.runtime,
        precision=None if named else target.precision,
        threads=options.threads if "threads" in options.explicit else (target.threads,),
        fps=options.fps if "fps" in options.explicit else (target.fps,),
        deadline_ms=options.deadline_ms or target.deadline_ms,
    )


def judge(document: Document, target: Target, differences: Sequence[str]) -> TargetResult:
    """Whether this machine is the target, and each limit of its budget.

    On another machine nothing is judged, and that is a failure: a budget that was not
    looked at is not kept. A figure that the sample is too small to know fails too.

    Args:
        differences: of this machine from the target; empty: it is one.
    """
    limits: list[LimitResult] = []
    failures = []
    if differences:
        failures.append(f"this machine is not {target.name}: {'; '.join(differences)}")
    else:
        limits = [limit for run in document.runs for limit in _limits(run, target.budget)]
        if not document.complete:
            failures.append(
                f"the run ended early ({document.stop_reason}): "
                f"it cannot show that {target.name}'s budget is kept"
            )
    failures += [text for limit in limits if (text := _failure(limit))]
    return TargetResult(
        name=target.name,
        title=target.title,
        matches=not differences,
        differences=tuple(differences),
        definition=plain(target),
        limits=tuple(limits),
        failures=tuple(failures),
    )


def _failure(limit: LimitResult) -> str:
    """Why a limit is not kept; "" where it is."""
    if limit.met is None or limit.value is None:
        return f"{limit.variant}: {limit.name} is not known: {limit.reason}"
    if limit.met:
        return ""
    return f"{limit.variant}: {limit.name} is {limit.value:g}, allowed {limit.limit:g}"


def _limits(run: Run, budget: Budget) -> list[LimitResult]:
    """Those of the budget's limits that this run says something about."""
    results = []
    for name, (figure, quantile_name) in FIGURES.items():
        if figure not in run.figures:
            continue
        summary = run.figures[figure]
        quantile, reason = summary.quantile(quantile_name), ""
        if quantile is None:
            required = summary.required_samples[quantile_name]
            reason = f"{summary.n} samples, {required} are required"
        value = None if quantile is None else quantile.value
        results.append(_limit(run, name, value, float(getattr(budget, name)), reason))
    misses = run.outcomes.misses_per_hour
    if misses is not None:
        results.append(_limit(run, "misses_per_hour", misses, budget.misses_per_hour, ""))
    return results


def _limit(run: Run, name: str, value: float | None, limit: float, reason: str) -> LimitResult:
    return LimitResult(
        variant=run.variant,
        threads=run.threads,
        fps=run.fps,
        name=name,
        value=value,
        limit=limit,
        met=None if value is None else value <= limit,
        reason=reason,
    )
