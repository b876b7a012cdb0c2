"""How far two distributions lie apart, and whether that is more than chance.

The measure is the population stability index, sum over bins of (p - q) ln(p / q): Jeffreys'
divergence ("An invariant form for the prior probability in estimation problems", Proceedings of
the Royal Society A 186, 1946). From 0.1 on it is customarily called a moderate and from 0.25 on
a large shift (Yurdakul, below, on credit scoring): a custom, not a law. Half a frame is added to
every bin, so that an empty one does not make it infinite.

With n and m independent samples of one and the same distribution over B bins the index is
about (1/n + 1/m) times a chi-square variable of B - 1 degrees of freedom (Yurdakul, "Statistical
properties of population stability index", Western Michigan University 2018). A shift counts
only above the 99th percentile of that. Frames of one recording are far from independent: n is
the number of recordings, not of frames, where that is known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sonoedge.drift.counts import Counts, bins_of

MODERATE: Final = 0.1
LARGE: Final = 0.25
_NORMAL_99: Final = 2.3263  # standard normal, 99th percentile
_PRIOR: Final = 0.5

Size = Literal["stable", "moderate", "large", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How far one distribution lies from the bundle's.

    Attributes:
        index: the population stability index.
        chance: what it reaches by chance in 1 of 100 comparisons of equal distributions.
        size: "moderate" from 0.1, "large" from 0.25 on, where chance does not give as much; else
            "stable", or "undecided" where chance alone gives more than a large shift: too few.
    """

    index: float
    chance: float
    size: Size


def compare(
    found: Counts,
    reference: Counts,
    *,
    recordings: int | None = None,
    reference_recordings: int | None = None,
) -> Mapping[str, Shift]:
    """Each distribution's shift: abstained, suspicion, grey_mean, grey_deviation.

    Args:
        reference: the bundle's own, or another report's.
        recordings: how many independent recordings were counted; None takes frames for
            independent, which lets too much pass for a shift.
        reference_recordings: the same of the reference; a bundle's frames were chosen one by one.
    """
    theirs = bins_of(reference)
    return {
        name: _shift(bins, theirs[name], recordings, reference_recordings)
        for name, bins in bins_of(found).items()
        if sum(bins) and sum(theirs[name])
    }


def stability_index(first: Sequence[int], second: Sequence[int]) -> float:
    """The population stability index of two histograms of the same bins."""
    p, q = _shares(first), _shares(second)
    return sum((a - b) * math.log(a / b) for a, b in zip(p, q, strict=True))


def _shift(
    found: Sequence[int], reference: Sequence[int], recordings: int | None, others: int | None
) -> Shift:
    index = stability_index(found, reference)
    n, m = _independent(found, recordings), _independent(reference, others)
    degrees = max(1, sum(1 for a, b in zip(found, reference, strict=True) if a or b) - 1)
    chance = _chi_square_99(degrees) * (1 / n + 1 / m)
    size: Size
    if index >= max(MODERATE, chance):
        size = "large" if index >= LARGE else "moderate"
    else:
        size = "stable" if chance <= LARGE else "undecided"
    return Shift(index=index, chance=chance, size=size)


def _independent(bins: Sequence[int], recordings: int | None) -> int:
    return sum(bins) if recordings is None else max(1, min(sum(bins), recordings))


def _shares(bins: Sequence[int]) -> list[float]:
    total = sum(bins) + _PRIOR * len(bins)
    return [(count + _PRIOR) / total for count in bins]


def _chi_square_99(degrees: int) -> float:
    """Wilson and Hilferty, "The distribution of chi-square", PNAS 17, 1931; within 1 %."""
    spread = 2 / (9 * degrees)
    return float(degrees * (1 - spread + _NORMAL_99 * math.sqrt(spread)) ** 3)
