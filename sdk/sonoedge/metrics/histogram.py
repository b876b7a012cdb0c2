"""A histogram with fixed buckets: it costs the same after a year."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate

from sonoedge.metrics.text import labels_text


class Histogram:
    """Counts of values by bucket. Not thread-safe.

    Args:
        bounds: the buckets' upper ends, ascending; one without an end comes after them.
    """

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Count a value. What is no number, or below 0, is no duration and is left out."""
        if 0 <= value < math.inf:
            self._counts[bisect_left(self._bounds, value)] += 1
            self._sum += value

    def lines(self, full: str, labels: Mapping[str, str]) -> list[str]:
        """Its samples, line by line.

        Args:
            full: the metric's whole name, with the prefix.
            labels: of each sample, beside the bucket's own "le".
        """
        within = list(accumulate(self._counts))
        ends = [*(repr(bound) for bound in self._bounds), "+Inf"]
        return [
            *(
                f"{full}_bucket{labels_text({**labels, 'le': end})} {count}"
                for end, count in zip(ends, within, strict=True)
            ),
            f"{full}_sum{labels_text(labels)} {self._sum!r}",
            f"{full}_count{labels_text(labels)} {within[-1]}",
        ]
