"""How well suspicion is a probability: calibration error and reliability.

Judged per region, as a user reads it: a region is positive where it found a lesion and its
frame's label is one of the positive ones; a region that found nothing is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.metrics import Interval, bootstrap
from sonoedge_export.evaluation.outcomes import DETECTION_IOU, components, fill, iou

BINS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GradedRegions:
    """N regions of labelled frames.

    Attributes:
        suspicion: float64 [N], in [0, 1].
        positive: bool [N], whether it is what the network looks for.
        patients: text [N], whose region it is; a frame's own name where nobody knows.
    """

    suspicion: npt.NDArray[np.float64]
    positive: npt.NDArray[np.bool_]
    patients: npt.NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.suspicion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The regions whose suspicion lies in one of equally wide steps.

    Attributes:
        count: how many they are.
        suspicion: their mean suspicion.
        positive: share of them that is positive.
    """

    count: int
    suspicion: float
    positive: float


def graded_regions(analyser: Analyser, data: Labelled, positive: Sequence[str]) -> GradedRegions:
    """All regions of all frames, and whether each is what the network looks for."""
    rows: list[tuple[float, bool, str]] = []
    for number, entry in enumerate(data):
        frame = entry.frame()
        result = analyser.analyse(frame)
        if not isinstance(result, Analysed):
            continue
        truth = entry.truth(frame.pixels.shape[:2])
        lesions = components(truth)
        patient = f"frame {number}" if entry.patient is None else f"of {entry.patient}"
        for region in result.regions:
            mask = fill(region, truth.shape)
            detected = any(iou(mask, lesion) >= DETECTION_IOU for lesion in lesions)
            rows.append((region.suspicion, detected and entry.label in positive, patient))
    return GradedRegions(
        suspicion=np.array([r[0] for r in rows], dtype=np.float64),
        positive=np.array([r[1] for r in rows], dtype=bool),
        patients=np.array([r[2] for r in rows], dtype=np.str_),
    )


def reliability(
    suspicion: npt.ArrayLike, positive: npt.ArrayLike, bins: int = BINS
) -> tuple[Bin, ...]:
    """Share of positives against suspicion, in equally wide steps that are not empty."""
    p, t = np.asarray(suspicion, dtype=np.float64), np.asarray(positive, dtype=bool)
    step = np.minimum((p * bins).astype(int), bins - 1)
    return tuple(
        Bin(
            count=int((step == k).sum()),
            suspicion=float(p[step == k].mean()),
            positive=float(t[step == k].mean()),
        )
        for k in range(bins)
        if (step == k).any()
    )


def calibration_error(
    suspicion: npt.ArrayLike, positive: npt.ArrayLike, bins: int = BINS
) -> float | None:
    """Expected calibration error (Naeini et al. 2015; Guo et al. 2017, arXiv:1706.04599).

    The mean distance between suspicion and share of positives over the steps of
    `reliability`, weighted by their counts; None without regions. With few regions it
    is above zero even for a perfect network: see `perfect_error`.
    """
    steps = reliability(suspicion, positive, bins)
    count = sum(b.count for b in steps)
    if count == 0:
        return None
    return sum(b.count * abs(b.suspicion - b.positive) for b in steps) / count


def calibration_interval(judged: GradedRegions, bins: int = BINS) -> Interval | None:
    """95 % bootstrap interval of the calibration error, by patient."""
    p, t = judged.suspicion, judged.positive
    return bootstrap(
        lambda i: calibration_error(p[i], t[i], bins), len(judged), groups=judged.patients
    )


def perfect_error(
    suspicion: npt.ArrayLike, bins: int = BINS, rounds: int = 1000, seed: int = 0
) -> float | None:
    """The calibration error that a perfect network would show, on average, by chance alone.

    Positives are drawn with the very probabilities that the network gave.
    """
    p = np.asarray(suspicion, dtype=np.float64)
    rng = np.random.default_rng(seed)
    drawn = [calibration_error(p, rng.random(len(p)) < p, bins) for _ in range(rounds)]
    errors = [e for e in drawn if e is not None]
    return float(np.mean(errors)) if errors else None


def log_loss(suspicion: npt.ArrayLike, positive: npt.ArrayLike) -> float:
    """Mean negative log-likelihood; a probability is kept within one level of 255 of 0 and 1."""
    p = np.clip(np.asarray(suspicion, dtype=np.float64), 1 / 255, 1 - 1 / 255)
    t = np.asarray(positive, dtype=bool)
    return float(-np.log(np.where(t, p, 1 - p)).mean())


def plot_reliability(curves: Mapping[str, GradedRegions], file: Path, columns: int = 3) -> None:
    """One small diagram for each name: points as large as their steps are full."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    rows = -(-len(curves) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(3.1 * columns, 3.1 * rows), layout="constrained", squeeze=False
    )
    for axis in axes.flat[len(curves) :]:
        axis.axis("off")
    for axis, (name, judged) in zip(axes.flat, curves.items(), strict=False):
        steps = reliability(judged.suspicion, judged.positive)
        error = calibration_error(judged.suspicion, judged.positive)
        axis.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        axis.plot([b.suspicion for b in steps], [b.positive for b in steps], color="C0")
        sizes = [400 * b.count / len(judged) for b in steps]
        axis.scatter([b.suspicion for b in steps], [b.positive for b in steps], sizes, color="C0")
        summary = "no region" if error is None else f"error {error:.3f}, {len(judged)} regions"
        axis.set_title(f"{name}\n{summary}", fontsize=9)
        axis.set(xlabel="suspicion", ylabel="malignant", xlim=(0, 1), ylim=(0, 1))
    figure.savefig(file, dpi=110)
    plt.close(figure)
