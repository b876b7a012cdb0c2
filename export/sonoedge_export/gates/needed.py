"""How many frames would decide a gate, if they went on as these did."""

from __future__ import annotations

import math
from collections.abc import Callable

from sonoedge_export.evaluation.metrics import exact_interval
from sonoedge_export.gates.paired import PairedFigure

MOST = 10_000_000


def needed(figure: PairedFigure, limit: float, *, at_least: bool, fewest: int) -> int | None:
    """Independent frames, or patients, from which the whole interval would hold the limit.

    An interval's half shrinks with the square root of the count; where frames that differ
    are counted, the exact interval of the same share must hold as well. None where no
    number would do, such as for a figure that lies on its limit.
    """
    if figure.ci95 is None:
        return None
    room = abs(limit - figure.value)
    half = abs(figure.ci95[0 if at_least else 1] - figure.value)
    if room == 0:
        return None
    count = max(fewest, figure.units)
    if figure.differing is None:
        return max(count, math.ceil(figure.units * (half / room) ** 2))
    share = figure.differing
    allowed = 1 - limit if at_least else limit
    return _first(lambda n: exact_interval(share, n)[1] <= allowed, count)


def _first(holds: Callable[[int], bool], start: int) -> int | None:
    """The smallest number from `start` that holds, for what holds from some number on."""
    high = start
    while not holds(high):
        high *= 2
        if high > MOST:
            return None
    low = start
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
