"""One figure against its limit: by its value alone, or with its interval."""

from __future__ import annotations

from typing import Final

from sonoedge_export.gates.needed import needed
from sonoedge_export.gates.paired import Measured
from sonoedge_export.gates.verdict import Answer, Judged

# Below so many independent frames a bootstrap interval is too narrow to be trusted.
FEWEST: Final = 30


def at_least(gate: str, value: float, limit: float) -> Judged:
    """An exact gate: the figure must not be below its limit."""
    return _one(gate, value, limit, value >= limit, "at least")


def at_most(gate: str, value: float, limit: float) -> Judged:
    """An exact gate: the figure must not be above its limit."""
    return _one(gate, value, limit, value <= limit, "at most")


def _one(gate: str, value: float, limit: float, holds: bool, word: str) -> Judged:
    why = f"{gate} is {value:.4g}, {word} {limit:.4g} wanted"
    answer: Answer = "pass" if holds else "fail"
    return Judged(gate=gate, answer=answer, measured=value, limit=limit, ci95=None, why=why)


def weigh(gate: str, found: Measured | None, limit: float, rests_on: str) -> Judged:
    """Pass, fail or undecided.

    Args:
        gate: its name; an agreement must reach its limit, a drop must not exceed it.
        found: the figure, None where the frames do not have it.
        rests_on: what there was none of, then.
    """
    if found is None:
        why = f"{gate} cannot be measured: there is no {rests_on}"
        return Judged(gate=gate, answer="undecided", measured=None, limit=limit, ci95=None, why=why)
    more = gate.endswith("agreement")

    def holds(value: float) -> bool:
        return value >= limit if more else value <= limit

    why = f"{gate} is {found.value:.4f}, {'at least' if more else 'at most'} {limit:.4g} wanted"
    if found.ci95 is not None:
        why += f" (95 % {found.ci95[0]:.4f} to {found.ci95[1]:.4f}, {found.units} independent)"
    worst = None if found.ci95 is None else found.ci95[0 if more else 1]
    answer: Answer
    if not holds(found.value):
        answer = "fail"
    elif worst is not None and holds(worst) and found.units >= FEWEST:
        answer = "pass"
    else:
        answer = "undecided"
        count = needed(found, limit, at_least=more, fewest=FEWEST)
        why += ": too few to decide" + ("" if count is None else f", about {count} would")
    return Judged(
        gate=gate,
        answer=answer,
        measured=found.value,
        limit=limit,
        ci95=found.ci95,
        why=why,
    )
