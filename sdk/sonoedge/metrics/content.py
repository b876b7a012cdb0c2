"""What frames were like and what was answered, so that drift can be told: counts, no pixels."""

from __future__ import annotations

from collections.abc import Iterator

from sonoedge.analysis import Analysed, Analysis
from sonoedge.drift.counts import DEVIATION_BOUNDS, MEAN_BOUNDS, SUSPICION_BOUNDS
from sonoedge.metrics.histogram import Histogram
from sonoedge.metrics.text import PREFIX, heading, single

SUSPICION = "frame_suspicion"
MEAN = "input_grey_mean"
DEVIATION = "input_grey_deviation"
WITHOUT_REGION = "frames_without_region"
FLAGGED = "frames_flagged"


class FrameContent:
    """The bins of `sonoedge.drift.Counts`, as metrics. Not thread-safe."""

    def __init__(self) -> None:
        self._suspicion = Histogram(SUSPICION_BOUNDS)
        self._mean = Histogram(MEAN_BOUNDS)
        self._deviation = Histogram(DEVIATION_BOUNDS)
        self._without_region = self._flagged = 0

    def add(self, analysis: Analysis) -> None:
        """Count a frame's outcome; one that was not analysed says nothing of its content."""
        if not isinstance(analysis, Analysed):
            return
        self._flagged += analysis.flagged
        if analysis.suspicion is None:
            self._without_region += 1
        else:
            self._suspicion.add(analysis.suspicion)
        if analysis.grey is not None:
            self._mean.add(analysis.grey.mean)
            self._deviation.add(analysis.grey.deviation)

    def lines(self) -> Iterator[str]:
        """Its metrics, line by line."""
        what = "Analysed frames in which nothing was found."
        yield single(WITHOUT_REGION, "counter", what, self._without_region).rstrip()
        what = "Frames that were suspicious by themselves."
        yield single(FLAGGED, "counter", what, self._flagged).rstrip()
        for name, histogram, what in (
            (SUSPICION, self._suspicion, "Highest suspicion of analysed frames with a region."),
            (MEAN, self._mean, "Mean grey level of the network's input, 0 to 255."),
            (DEVIATION, self._deviation, "Standard deviation of the input's grey levels."),
        ):
            yield heading(PREFIX + name, "histogram", what)
            yield from histogram.lines(PREFIX + name, {})
