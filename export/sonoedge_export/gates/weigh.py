"""One figure against its limit: by its value alone, or with its interval."""

from __future__ import annotations

from typing import Final

from sonoedge_export.gates.needed import needed
from sonoedge_export.gates.paired import PairedFigure
from sonoedge_export.gates.verdict import Answer, GateResult

# Below so many independent frames a bootstrap interval is too narrow to be trusted.
FEWEST: Final = 30


def at_least(gate: str, value: float, limit: float) -> GateResult:
    """An exact gate: the figure must not be below its limit."""
    return _one(gate, value, limit, value >= limit, "at least")


def at_most(gate: str, value: float, limit: float) -> GateResult:
    """An exact gate: the figure must not be above its limit."""
    return _one(gate, value, limit, value <= limit, "at most")


def _one(gate: str, value: float, limit: float, holds: bool, word: str) -> GateResult:
    why = f"{gate} is {value:.4g}; {word} {limit:.4g} is required"
    answer: Answer = "pass" if holds else "fail"
    return GateResult(gate=gate, answer=answer, measured=value, limit=limit, ci95=None, why=why)


def weigh(gate: str, figure: PairedFigure | None, limit: float, rests_on: str) -> GateResult:
    """Pass, fail or undecided.

    Args:
        gate: its name; an agreement must reach its limit, a drop must not exceed it.
        figure: None where the frames do not have it.
        rests_on: what the frames lack where there is no figure, for the message.
    """
    if figure is None:
        why = f"{gate} cannot be measured: there is no {rests_on}"
        return GateResult(
            gate=gate, answer="undecided", measured=None, limit=limit, ci95=None, why=why
        )
    more = gate.endswith("agreement")

    def holds(value: float) -> bool:
        return value >= limit if more else value <= limit

    word = "at least" if more else "at most"
    why = f"{gate} is {_text(figure.value)}; {word} {limit:.4g} is required"
    if figure.ci95 is not None:
        low, high = (_text(end) for end in figure.ci95)
        why += f" (95 % interval {low} to {high}, {figure.units} independent samples)"
    worst = None if figure.ci95 is None else figure.ci95[0 if more else 1]
    answer: Answer
    if not holds(figure.value):
        answer = "fail"
    elif worst is not None and holds(worst) and figure.units >= FEWEST:
        answer = "pass"
    else:
        answer = "undecided"
        count = needed(figure, limit, at_least=more, fewest=FEWEST)
        why += ": too few to decide"
        why += "" if count is None else f"; about {count} would be needed"
    return GateResult(
        gate=gate,
        answer=answer,
        measured=figure.value,
        limit=limit,
        ci95=figure.ci95,
        why=why,
    )


def _text(value: float) -> str:
    """Four decimals; what rounds to zero has no sign."""
    text = f"{value:.4f}"
    return "0.0000" if text == "-0.0000" else text
