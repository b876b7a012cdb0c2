"""How long frames took, as histograms with fixed buckets: they cost the same after a year."""

from __future__ import annotations

import math
import threading
from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate
from typing import Final

from sonoedge.analyser import STAGES
from sonoedge.analysis import Analysis
from sonoedge.metrics.text import PREFIX, heading, labels_text

# Seconds. A stage takes 50 us to half a second; a result is too old from 0.15 s on, by default.
STAGE_BOUNDS: Final = (
    5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1.0,
)  # fmt: skip
AGE_BOUNDS: Final = (2e-3, 5e-3, 1e-2, 2e-2, 3e-2, 5e-2, 7.5e-2, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)


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


class FrameTimes:
    """Durations of the stages and ages of the results. Every method may be called by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stages = {stage: Histogram(STAGE_BOUNDS) for stage in STAGES}
        self._ages = Histogram(AGE_BOUNDS)

    def add(self, analysis: Analysis) -> None:
        """Count a frame's outcome; a stage that no frame has is passed over."""
        with self._lock:
            for stage, ms in analysis.stages_ms.items():
                if stage in self._stages:
                    self._stages[stage].add(ms / 1e3)
            self._ages.add(analysis.age_ms / 1e3)

    def text(self) -> str:
        """Both metrics."""
        stage, age = f"{PREFIX}stage_duration_seconds", f"{PREFIX}result_age_seconds"
        with self._lock:
            lines = [heading(stage, "histogram", "How long each stage of a frame took.")]
            for name, histogram in self._stages.items():
                lines += histogram.lines(stage, {"stage": name})
            what = "From capture to an outcome, analysed or not."
            lines += [heading(age, "histogram", what), *self._ages.lines(age, {})]
        return "\n".join([*lines, ""])
