"""A target's settings for a run, and its budget against what was measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from sonoedge.settings import plain
from sonoedge_bench.options import Options
from sonoedge_bench.targets.target import Budget, Target

# budget's key: (figure, quantile) by which it is judged
FIGURES = {
    "analyse_p99_ms": ("analyse_ms", "p99"),
    "age_p99_ms": ("age_ms", "p99"),
    "open_p50_ms": ("open_ms", "p50"),
    "first_frame_p50_ms": ("first_frame_ms", "p50"),
}


def with_target(options: Options, wanted: Target) -> Options:
    """The target's variant, threads, pace and deadline, where the caller has not said otherwise."""
    named = bool(options.variants) or options.runtime is not None
    return dataclasses.replace(
        options,
        runtime=options.runtime if named else wanted.runtime,
        precision=None if named else wanted.precision,
        threads=options.threads if "threads" in options.explicit else (wanted.threads,),
        fps=options.fps if "fps" in options.explicit else (wanted.fps,),
        deadline_ms=options.deadline_ms or wanted.deadline_ms,
    )


def judge(data: Mapping[str, Any], wanted: Target, apart: Sequence[str]) -> dict[str, Any]:
    """The document's `target`: whether this machine is one, and each limit of the budget.

    On another machine nothing is judged, and that is a failure: a budget that was not
    looked at is not kept. A figure that the sample is too small to know fails too.
    """
    limits = [] if apart else [row for run in data["runs"] for row in _limits(run, wanted.budget)]
    failures = [f"this machine is no {wanted.name}: {'; '.join(apart)}"] if apart else []
    if not apart and not data["complete"]:
        failures.append(f"the run ended early ({data['ended']}): {wanted.name} is not judged by it")
    for row in limits:
        if row["met"] is None:
            failures.append(f"{row['variant']}: {row['name']} is not known: {row['why']}")
        elif not row["met"]:
            failures.append(
                f"{row['variant']}: {row['name']} is {row['value']:g}, allowed {row['limit']:g}"
            )
    return {
        "name": wanted.name,
        "title": wanted.title,
        "is_one": not apart,
        "differences": list(apart),
        "definition": plain(wanted),
        "limits": limits,
        "failures": failures,
    }


def _limits(run: Mapping[str, Any], budget: Budget) -> list[dict[str, Any]]:
    """Those of the budget's limits that this run says something about."""
    rows = []
    for name, (figure, quantile) in FIGURES.items():
        if figure not in run["figures"]:
            continue
        summary = run["figures"][figure]
        found, why = summary[quantile], ""
        if found is None:
            why = f"{summary['n']} samples, {summary['needed'][quantile]} are needed"
        value = None if found is None else found["value"]
        rows.append(_row(run, name, value, float(getattr(budget, name)), why))
    misses = run["outcomes"]["misses_per_hour"]
    if misses is not None:
        rows.append(_row(run, "misses_per_hour", misses, budget.misses_per_hour, ""))
    return rows


def _row(
    run: Mapping[str, Any], name: str, value: float | None, limit: float, why: str
) -> dict[str, Any]:
    return {
        "variant": run["variant"],
        "threads": run["threads"],
        "fps": run["fps"],
        "name": name,
        "value": value,
        "limit": limit,
        "met": None if value is None else value <= limit,
        "why": why,
    }
