"""The Pareto front of a sweep: no other run has younger results for no more processor time."""

from __future__ import annotations

from collections.abc import Sequence

from sonoedge_bench.document.run import Run


def coordinates(run: Run) -> tuple[float, float] | None:
    """(processor milliseconds per frame, median age in ms); None where one is not known."""
    age = run.figures["age_ms"].p50 if "age_ms" in run.figures else None
    cpu_ms = run.cost.cpu_ms_per_frame
    return None if age is None or cpu_ms is None else (cpu_ms, age.value)


def front(runs: Sequence[Run]) -> list[int]:
    """Positions of the runs that no other run at their pace equals or beats in both.

    Paces are fronts of their own: a box that gets fewer frames is not better for it.
    """
    points = [coordinates(run) for run in runs]
    result = []
    for at, (run, point) in enumerate(zip(runs, points, strict=True)):
        if point is None:
            continue
        rivals = [p for r, p in zip(runs, points, strict=True) if r.fps == run.fps]
        beaten = any(
            p is not None and p[0] <= point[0] and p[1] <= point[1] and p != point for p in rivals
        )
        if not beaten:
            result.append(at)
    return result
