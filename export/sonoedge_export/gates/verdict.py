"""What the gates say of one variant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from sonoedge_export.evaluation.metrics import Interval

Answer = Literal["pass", "fail", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """One gate's answer.

    Attributes:
        gate: its name in `Gates`.
        answer: "fail" where the measured figure misses the limit; "pass" where the whole
            interval holds it; "undecided" where only the measured figure does, or where
            nothing could be measured.
        measured: the figure, or None.
        limit: from the recipe.
        ci95: 95 % interval of the figure; None for the exact gates of fp32.
        why: a sentence with the figures; what would decide it, where that is known.
    """

    gate: str
    answer: Answer
    measured: float | None
    limit: float
    ci95: Interval | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All gates' answers.

    Attributes:
        refuse_undecided: the recipe keeps a variant out that a gate could not decide on.
    """

    results: tuple[GateResult, ...]
    refuse_undecided: bool

    @property
    def failed(self) -> list[str]:
        """What failed, by how much."""
        return [j.why for j in self.results if j.answer == "fail"]

    @property
    def undecided(self) -> list[str]:
        """What the frames are too few to decide."""
        return [j.why for j in self.results if j.answer == "undecided"]

    @property
    def refusals(self) -> list[str]:
        """Why the variant must not be in the bundle; empty when it may be."""
        return self.failed + (self.undecided if self.refuse_undecided else [])

    def figures(self) -> dict[str, dict[str, Any]]:
        """By gate, as JSON can hold it: for verification.json and the manifest."""
        return {
            j.gate: {
                "answer": j.answer,
                "measured": _plain(j.measured),
                "limit": j.limit,
                "ci95": None if j.ci95 is None else [_plain(v) for v in j.ci95],
                "why": j.why,
            }
            for j in self.results
        }


def _plain(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 6)
