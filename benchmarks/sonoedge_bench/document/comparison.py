"""One measurement compared with another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from sonoedge_bench.document.constraints import Count

Mode: TypeAlias = Literal["closed", "paced", "beside", "cold", "soak", "sweep"]
Verdict: TypeAlias = Literal["faster", "slower", "no difference shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """One figure of one run.

    Attributes:
        paired: the same frames on both sides, each compared with itself.
        n: samples before and after.
        before_p50, after_p50: medians of the samples compared, milliseconds.
        ratio: of the medians; above 1 is slower. `low` to `high` is its 95 % interval.
    """

    run: str
    figure: str
    paired: bool
    n: tuple[Count, Count]
    before_p50: float
    after_p50: float
    ratio: float
    low: float
    high: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A measurement against a baseline.

    Attributes:
        fail_over: the share, such as 0.1, by which a run may be slower; None: not judged.
        warnings: what makes the two unlike.
        failures: runs that are slower by more.
    """

    mode: Mode
    fail_over: float | None
    warnings: tuple[str, ...]
    failures: tuple[str, ...]
    rows: tuple[ComparisonRow, ...]
