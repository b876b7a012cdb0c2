"""Numbers as the cells of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

UNKNOWN: Final = "-"


def number(value: float | None, digits: int = 2) -> str:
    """Fixed digits, fewer for large values; "-" where unknown."""
    if value is None:
        return UNKNOWN
    if abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.{max(0, digits - 1)}f}" if abs(value) >= 100 else f"{value:.{digits}f}"


def quantile(run: Mapping[str, Any], figure: str, name: str, digits: int = 2) -> str:
    """A quantile of one of a run's figures; "n<299" where there are too few samples for it."""
    summary = run["figures"].get(figure)
    if summary is None:
        return UNKNOWN
    if name == "max":
        return number(summary["max"], digits)
    found = summary.get(name)
    if found is None:
        least = summary["needed"].get(name)
        return f"n<{least}" if least else UNKNOWN
    return number(found["value"], digits)


def bounds(run: Mapping[str, Any], figure: str, name: str = "p50", digits: int = 2) -> str:
    """A quantile's 95 % interval, as "12.1 to 12.4"."""
    summary = run["figures"].get(figure)
    found = None if summary is None else summary[name]
    if found is None:
        return UNKNOWN
    return f"{number(found['low'], digits)} to {number(found['high'], digits)}"


def engine(run: Mapping[str, Any]) -> str:
    """Variant, threads, pace, and how it was driven."""
    pace = "" if run["fps"] is None else f", {run['fps']:g} fps"
    return f"{run['variant']}, {run['threads']} thr{pace}{how(run)}"


def how(run: Mapping[str, Any]) -> str:
    """How a run was driven, where that is otherwise than plainly in this process."""
    kept = "" if run.get("isolation") == "none" else f", {run.get('isolation')}"
    spun = ", spinning" if run.get("spin") else ""
    return kept + spun + (", kept warm" if run.get("keep_warm") else "")


def total(processes: Mapping[str, Mapping[str, float | None]] | None, kind: str) -> float | None:
    """Memory of host and worker together; None where one of them is not known."""
    if not processes:
        return None
    values = [each[kind] for each in processes.values()]
    known = [v for v in values if v is not None]
    return sum(known) if len(known) == len(values) else None
