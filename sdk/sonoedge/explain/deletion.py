"""Is a map worth drawing? Blur what it calls important, and compare with chance.

The deletion test of Samek et al. 2017 (arXiv:1509.06321), with the chance of the same patches in
random order beside it. Occlusion is made with the same blur as the test: its figure is an upper
bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sonoedge.explain.question import Question, Segments, Weights

SHARES: Final = (0.01, 0.02, 0.05, 0.10, 0.20)  # of the picture that is blurred
ORDERS: Final = 10  # random ones
CALLS: Final = len(SHARES) * (1 + ORDERS)
TIMES_CHANCE: Final = 3.0
# Chance is taken for so much at least: three times almost nothing is almost nothing.
LEAST_CHANCE: Final = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """By how much the suspicion falls, mean over the shares.

    Attributes:
        figure: while what the map calls important is blurred.
        chance: while as much is blurred at random, mean over the orders.
    """

    figure: float
    chance: float

    @property
    def needed(self) -> float:
        """The figure from which a map is drawn."""
        return TIMES_CHANCE * max(self.chance, LEAST_CHANCE)

    @property
    def drawn(self) -> bool:
        """Whether the map tells more than chance does."""
        return self.figure >= self.needed

    def texts(self) -> tuple[str, str, str]:
        """Figure, chance and what is needed, for people: what rounds to nothing has no sign."""
        figure, chance, needed = (
            f"{round(value, 3) + 0.0:.3f}" for value in (self.figure, self.chance, self.needed)
        )
        return figure, chance, needed


def delete(question: Question, segments: Segments, weights: Weights, seed: int = 0) -> Deletion:
    """Test a map; 55 engine calls."""
    rng = np.random.default_rng(seed)
    order = np.argsort(-weights, kind="stable")
    figure = _mean_fall(question, segments, order)
    falls = [_mean_fall(question, segments, rng.permutation(order)) for _ in range(ORDERS)]
    return Deletion(figure=figure, chance=float(np.mean(falls)))


def _mean_fall(question: Question, segments: Segments, order: Segments) -> float:
    falls = []
    for share in SHARES:
        blurred = np.zeros(len(order), dtype=bool)
        blurred[order[: max(1, round(share * len(order)))]] = True
        falls.append(question.fall(segments, blurred))
    return float(np.mean(falls))
