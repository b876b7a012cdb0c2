"""Which runs of a sweep nothing beats: younger results for no more processor time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Run = Mapping[str, Any]


def coordinates(run: Run) -> tuple[float, float] | None:
    """(processor milliseconds per frame, median age in ms); None where one is not known."""
    age, cpu = run["figures"].get("age_ms"), run["cost"]["cpu_ms_per_frame"]
    if age is None or age["p50"] is None or cpu is None:
        return None
    return float(cpu), float(age["p50"]["value"])


def front(runs: Sequence[Run]) -> list[int]:
    """Positions of the runs that no other run at their pace equals or beats in both.

    Paces are fronts of their own: a box that gets fewer frames is not better for it.
    """
    found = []
    for at, run in enumerate(runs):
        mine = coordinates(run)
        if mine is None:
            continue
        others = (
            coordinates(other)
            for i, other in enumerate(runs)
            if i != at and other["fps"] == run["fps"]
        )
        beaten = any(
            o is not None and o[0] <= mine[0] and o[1] <= mine[1] and o != mine for o in others
        )
        if not beaten:
            found.append(at)
    return found
