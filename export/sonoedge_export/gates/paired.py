"""Two networks' outcomes of the same frames: how far one fell behind, with its interval.

Each interval is a paired bootstrap: a resample draws the same frames (or patients) for
both networks, so what makes a frame hard for both cancels (Efron and Tibshirani 1993, An
Introduction to the Bootstrap, section 8.3). A bootstrap cannot draw what the frames have
not shown: where no flag differs it says [0, 0], whether of 8 frames or of 8,000. The
counted figures are therefore never narrower than the exact interval (Clopper and Pearson
1934) of the frames that differ. It counts patients in place of frames where patients are
known: the effective sample size (Korn and Graubard 1998) if a patient's frames were all alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sonoedge_export.evaluation.accuracy import DECIDED_MARGIN, grouped
from sonoedge_export.evaluation.metrics import (
    Interval,
    auroc,
    bootstrap,
    exact_interval,
    threshold_at_specificity,
)
from sonoedge_export.evaluation.outcomes import Outcome

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedFigure:
    """A figure of a pair.

    Attributes:
        value: on all frames.
        ci95: None where most resamples do not have the figure.
        units: how many independent frames, or patients, it rests upon.
        differing: for a counted figure, the share of frames that went wrong.
    """

    value: float
    ci95: Interval | None
    units: int
    differing: float | None = None


class Paired:
    """A variant beside the trained network.

    Args:
        variant, trained: outcomes of the same frames in the same order.
        positive: labels that should be flagged.
        threshold: the operating point, a suspicion.
    """

    def __init__(
        self,
        variant: Sequence[Outcome],
        trained: Sequence[Outcome],
        *,
        positive: Sequence[str],
        threshold: float,
    ) -> None:
        pairs = list(zip(variant, trained, strict=True))
        self.suspicion = np.array([(a.suspicion, b.suspicion) for a, b in pairs]).reshape(-1, 2)
        self.dice = np.array([(a.dice, b.dice) for a, b in pairs]).reshape(-1, 2)
        self.same = np.array([a.flagged == b.flagged for a, b in pairs], dtype=bool)
        self.lesion = np.array([o.has_lesion for o in trained], dtype=bool)
        self.is_positive = np.array([o.label in positive for o in trained], dtype=bool)
        self.labelled = np.array([o.label is not None for o in trained], dtype=bool)
        self.groups = grouped(trained)
        self.threshold = threshold

    def dice_drop(self) -> PairedFigure | None:
        """Mean Dice lost, over frames with a lesion."""
        lost = self.dice[:, 1] - self.dice[:, 0]
        return self._measure(lambda i: float(lost[i].mean()), self.lesion)

    def auroc_drop(self) -> PairedFigure | None:
        """AUROC lost, positive labels against others, over frames with a lesion."""

        def lost(i: Indices) -> float | None:
            after, before = (auroc(self.suspicion[i, k], self.is_positive[i]) for k in (0, 1))
            return None if after is None or before is None else before - after

        classes = (
            self.lesion & self.is_positive,
            self.lesion & ~self.is_positive & self.labelled,
        )
        return self._measure(
            lost, classes[0] | classes[1], units=min(self._units(c) for c in classes)
        )

    def sensitivity_drop(self) -> PairedFigure | None:
        """Sensitivity lost at the specificity of the trained network's operating point.

        Both networks' thresholds are moved to the lowest that has this specificity, by one
        rule, so that the same suspicions give no drop.
        """

        def lost_and_won(i: Indices) -> tuple[float, float] | None:
            is_positive = self.is_positive[i]
            negatives = self.suspicion[i][~is_positive]
            if not is_positive.any() or not len(negatives):
                return None
            specificity = float((negatives[:, 1] < self.threshold).mean())
            after, before = (
                self.suspicion[i, k][is_positive]
                >= threshold_at_specificity(negatives[:, k], specificity)
                for k in (0, 1)
            )
            return float((before & ~after).mean()), float((after & ~before).mean())

        def drop(i: Indices) -> float | None:
            pairs = lost_and_won(i)
            return None if pairs is None else pairs[0] - pairs[1]

        figure = self._measure(drop, self.labelled)
        if figure is None:
            return None
        pairs = lost_and_won(np.flatnonzero(self.labelled))
        assert pairs is not None
        units = self._units(self.is_positive)
        worst, best = (exact_interval(share, units)[1] for share in pairs)
        low, high = figure.ci95 or (-best, worst)
        wide = (min(low, -best), max(high, worst))
        return PairedFigure(value=figure.value, ci95=wide, units=units, differing=pairs[0])

    def flag_agreement(self) -> PairedFigure | None:
        """Share of frames flagged alike."""
        return self._agreement(np.ones(len(self.same), dtype=bool))

    def decided_agreement(self) -> PairedFigure | None:
        """The same over frames whose trained suspicion is not near the threshold."""
        return self._agreement(np.abs(self.suspicion[:, 1] - self.threshold) > DECIDED_MARGIN)

    def _agreement(self, kept: npt.NDArray[np.bool_]) -> PairedFigure | None:
        figure = self._measure(lambda i: float(self.same[i].mean()), kept)
        if figure is None or figure.ci95 is None:
            return figure
        low, high = exact_interval(figure.value, figure.units)
        wide = (min(low, figure.ci95[0]), max(high, figure.ci95[1]))
        differing = 1 - figure.value
        return PairedFigure(value=figure.value, ci95=wide, units=figure.units, differing=differing)

    def _units(self, kept: npt.NDArray[np.bool_]) -> int:
        return len(np.unique(self.groups[kept]))

    def _measure(
        self,
        statistic: Callable[[Indices], float | None],
        kept: npt.NDArray[np.bool_],
        *,
        units: int | None = None,
    ) -> PairedFigure | None:
        index = np.flatnonzero(kept)
        value = statistic(index) if len(index) else None
        if value is None:
            return None
        interval = bootstrap(lambda i: statistic(index[i]), len(index), groups=self.groups[index])
        return PairedFigure(
            value=value, ci95=interval, units=self._units(kept) if units is None else units
        )
