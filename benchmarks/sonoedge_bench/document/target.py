"""A target's budget against what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sonoedge_bench.document.constraints import Positive


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitResult:
    """One limit of the budget for one run.

    Attributes:
        met: None where the value is not known; `reason` says why.
    """

    variant: str
    threads: Positive
    fps: float | None
    name: str
    value: float | None
    limit: float
    met: bool | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetResult:
    """Whether the machine is the target, and whether its budget is kept.

    Attributes:
        matches: this machine is one; otherwise `limits` is empty.
        differences: of this machine from the target.
        definition: the target's file.
        failures: one sentence each; empty: the budget is kept.
    """

    name: str
    title: str
    matches: bool
    differences: tuple[str, ...]
    definition: Mapping[str, object]
    limits: tuple[LimitResult, ...]
    failures: tuple[str, ...]
