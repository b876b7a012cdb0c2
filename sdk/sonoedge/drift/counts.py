"""Counts by which drift is told: bounded, whatever runs for how long, and without a pixel."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from sonoedge.analysis import Analysed, Analysis, GreyLevels, Reason
from sonoedge.errors import InvalidData

# The bins' upper ends, each within its bin; the last bin has none. Of suspicion there is one bin
# more, the first: no region at all.
SUSPICION_BOUNDS: Final = tuple(round(0.05 * i, 2) for i in range(1, 20))
MEAN_BOUNDS: Final = tuple(float(16 * i) for i in range(1, 16))
DEVIATION_BOUNDS: Final = tuple(float(8 * i) for i in range(1, 16))  # it is at most 127.5
_HISTOGRAMS: Final = {
    "suspicion": 2 + len(SUSPICION_BOUNDS),
    "grey_mean": 1 + len(MEAN_BOUNDS),
    "grey_deviation": 1 + len(DEVIATION_BOUNDS),
}
_REASONS: Final = frozenset(reason.value for reason in Reason)
_MOST: Final = 1 << 53


class Counts:
    """Frames by outcome, suspicion and grey levels. Not thread-safe.

    Attributes:
        frames, analysed, flagged: how many; flagged in this very frame.
        not_analysed: how many by each reason; a frame with two counts under each.
        histograms: how many analysed frames by bin: "suspicion" (the first bin: no region),
            "grey_mean", "grey_deviation".
    """

    def __init__(self) -> None:
        self.frames = self.analysed = self.flagged = 0
        self.not_analysed: Counter[str] = Counter()
        self.histograms = {name: [0] * bins for name, bins in _HISTOGRAMS.items()}

    def add(self, analysis: Analysis) -> None:
        """Count a frame's outcome."""
        if isinstance(analysis, Analysed):
            self.add_analysed(analysis.suspicion, analysis.grey, flagged=analysis.flagged)
        else:
            self.add_not_analysed(*(reason.value for reason in analysis.reasons))

    def add_analysed(
        self, suspicion: float | None, grey: GreyLevels | None, *, flagged: bool
    ) -> None:
        """Count an analysed frame, by the values that stand in its `Analysed`."""
        self.frames += 1
        self.analysed += 1
        self.flagged += flagged
        of_suspicion = 0 if suspicion is None else 1 + bisect_left(SUSPICION_BOUNDS, suspicion)
        self.histograms["suspicion"][of_suspicion] += 1
        if grey is not None:
            self.histograms["grey_mean"][bisect_left(MEAN_BOUNDS, grey.mean)] += 1
            of_deviation = bisect_left(DEVIATION_BOUNDS, grey.deviation)
            self.histograms["grey_deviation"][of_deviation] += 1

    def add_not_analysed(self, *reasons: str) -> None:
        """Count a frame that was not analysed."""
        self.frames += 1
        self.not_analysed.update(reasons)

    def merge(self, other: Counts) -> None:
        """Take another one's counts into this one."""
        self.frames += other.frames
        self.analysed += other.analysed
        self.flagged += other.flagged
        self.not_analysed.update(other.not_analysed)
        for name, bins in self.histograms.items():
            for index, count in enumerate(other.histograms[name]):
                bins[index] += count

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "frames": self.frames,
            "analysed": self.analysed,
            "flagged": self.flagged,
            "not_analysed": dict(sorted(self.not_analysed.items())),
            "histograms": {name: list(bins) for name, bins in self.histograms.items()},
        }

    @staticmethod
    def parse(values: Any, name: str) -> Counts:
        """What `plain` gave.

        Args:
            name: where it stands, for messages.

        Raises:
            InvalidData: it is none.
        """
        counts = Counts()
        try:
            counts.frames, counts.analysed, counts.flagged = (
                _count(values[key]) for key in ("frames", "analysed", "flagged")
            )
            for reason, count in values["not_analysed"].items():
                if reason not in _REASONS:
                    raise ValueError("a reason that is none")
                counts.not_analysed[reason] = _count(count)
            for title, bins in _HISTOGRAMS.items():
                found = values["histograms"][title]
                if not isinstance(found, list) or len(found) != bins:
                    raise ValueError(f"{title} has not {bins} bins")
                counts.histograms[title] = [_count(count) for count in found]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise InvalidData(f"{name} holds no counts of frames ({error})") from None
        if not counts.flagged <= counts.analysed <= counts.frames:
            raise InvalidData(f"{name} counts more frames analysed or flagged than there are")
        return counts


def bins_of(counts: Counts) -> Mapping[str, list[int]]:
    """The distributions that are compared; abstention is one of two bins."""
    return {"abstained": [counts.analysed, counts.frames - counts.analysed]} | counts.histograms


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise ValueError("a count that is no whole number")
    return value
