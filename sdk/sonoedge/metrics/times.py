"""How long frames took, as histograms with fixed buckets: they cost the same after a year."""

from __future__ import annotations

import threading
from typing import Final

from sonoedge.analysis import Analysis
from sonoedge.findings import STAGES
from sonoedge.metrics.content import FrameContent
from sonoedge.metrics.histogram import Histogram
from sonoedge.metrics.text import PREFIX, heading

# Seconds. A stage takes 50 us to half a second; a result is too old from 0.15 s on, by default.
STAGE_BOUNDS: Final = (
    5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1.0,
)  # fmt: skip
AGE_BOUNDS: Final = (2e-3, 5e-3, 1e-2, 2e-2, 3e-2, 5e-2, 7.5e-2, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)


class FrameTimes:
    """What is counted of the outcomes: durations, ages, and what drift is told by.

    Every method may be called by any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stages = {stage: Histogram(STAGE_BOUNDS) for stage in STAGES}
        self._ages = Histogram(AGE_BOUNDS)
        self._content = FrameContent()

    def add(self, analysis: Analysis) -> None:
        """Count a frame's outcome; a stage that no frame has is passed over."""
        with self._lock:
            for stage, ms in analysis.stages_ms.items():
                if stage in self._stages:
                    self._stages[stage].add(ms / 1e3)
            self._ages.add(analysis.age_ms / 1e3)
            self._content.add(analysis)

    def text(self) -> str:
        """All of these metrics."""
        stage, age = f"{PREFIX}stage_duration_seconds", f"{PREFIX}result_age_seconds"
        with self._lock:
            lines = [heading(stage, "histogram", "How long each stage of a frame took.")]
            for name, histogram in self._stages.items():
                lines += histogram.lines(stage, {"stage": name})
            what = "From capture to an outcome, analysed or not."
            lines += [heading(age, "histogram", what), *self._ages.lines(age, {})]
            lines += self._content.lines()
        return "\n".join([*lines, ""])
