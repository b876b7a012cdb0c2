"""Numbers as the cells of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sonoedge_bench.document.run import ProcessMemory, Run

UNKNOWN: Final = "-"


def number(value: float | None, digits: int = 2) -> str:
    """Fixed digits, fewer for large values; "-" where unknown."""
    if value is None:
        return UNKNOWN
    if abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.{max(0, digits - 1)}f}" if abs(value) >= 100 else f"{value:.{digits}f}"


def quantile(run: Run, figure: str, name: str, digits: int = 2) -> str:
    """A quantile of one of a run's figures; "n<299" where there are too few samples for it."""
    summary = run.figures.get(figure)
    if summary is None:
        return UNKNOWN
    if name == "max":
        return number(summary.max, digits)
    value = summary.quantile(name)
    if value is None:
        required = summary.required_samples.get(name)
        return f"n<{required}" if required else UNKNOWN
    return number(value.value, digits)


def bounds(run: Run, figure: str, name: str = "p50", digits: int = 2) -> str:
    """A quantile's 95 % interval, as "12.1 to 12.4"."""
    summary = run.figures.get(figure)
    value = None if summary is None else summary.quantile(name)
    if value is None:
        return UNKNOWN
    return f"{number(value.low, digits)} to {number(value.high, digits)}"


def engine(run: Run) -> str:
    """Variant, threads, pace, and how it was driven."""
    pace = "" if run.fps is None else f", {run.fps:g} fps"
    return f"{run.variant}, {run.threads} thr{pace}{_driven(run)}"


def _driven(run: Run) -> str:
    """How a run was driven, where that is not plainly in this process."""
    isolation = "" if run.isolation == "none" else f", {run.isolation}"
    spinning = ", spinning" if run.spin else ""
    pinned = ", pinned" if run.placement == "pinned" else ""
    return isolation + spinning + pinned + (", kept warm" if run.keep_warm else "")


def total(processes: Mapping[str, ProcessMemory] | None, kind: str) -> float | None:
    """Memory of host and worker together; None where one of them is not known."""
    if not processes:
        return None
    values: list[float | None] = [getattr(each, kind) for each in processes.values()]
    return None if None in values else sum(v for v in values if v is not None)
