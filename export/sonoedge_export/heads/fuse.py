"""Is a head worth joining with the network? Measured out of fold, by patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge.bundle.heads import Fusion
from sonoedge.clinical import SMALLEST
from sonoedge_export.evaluation.metrics import auroc, bootstrap
from sonoedge_export.heads.fit import LEAST_OF_A_CLASS, SEED
from sonoedge_export.heads.rows import Floats, Rows
from sonoedge_export.heads.skl import LogisticRegression

FOLDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """AUROC of network and head together, less the network's own, on frames held out in turn.

    Attributes:
        mean: of all frames; None where it could not be measured.
        ci95: paired bootstrap by patient.
    """

    mean: float | None
    ci95: tuple[float, float] | None

    @property
    def certain(self) -> bool:
        """Its interval lies above 0."""
        return self.ci95 is not None and self.ci95[0] > 0


def gain_of(rows: Rows, head: Floats) -> Gain:
    """The gain of stacking a head on the network, out of fold.

    In each fold a logistic regression joins both logits, fitted on the other patients: fitted on
    the same frames, any head would gain something.

    Args:
        rows: one per frame with a lesion.
        head: its probability for each row that was found.
    """
    seen = rows.take(rows.found)
    malignant = int(seen.malignant.sum())
    if min(malignant, len(seen) - malignant) < LEAST_OF_A_CLASS:
        return Gain(mean=None, ci95=None)
    both = _logits(seen.suspicion, head)
    joined = np.zeros(len(seen))
    folds = _folds(seen.patients)
    for fold in range(FOLDS):
        out = folds == fold
        if not out.any():
            continue
        if len(np.unique(seen.malignant[~out])) < 2:
            return Gain(mean=None, ci95=None)
        joined[out] = _stack(both[~out], seen.malignant[~out]).decision_function(both[out])
    network = rows.scores(seen.suspicion)
    # Ranks alone count: a decision is brought to 0 to 1, where a missed lesion is below it.
    fused = rows.scores(1 / (1 + np.exp(-joined)))
    positive = rows.malignant

    def difference(at: npt.NDArray[np.int64]) -> float | None:
        a, b = auroc(fused[at], positive[at]), auroc(network[at], positive[at])
        return None if a is None or b is None else a - b

    return Gain(
        mean=difference(np.arange(len(rows))),
        ci95=bootstrap(difference, len(rows), groups=rows.patients),
    )


def fusion_of(rows: Rows, head: Floats) -> Fusion:
    """How both are joined on a device, fitted on all of these frames."""
    seen = rows.take(rows.found)
    model = _stack(_logits(seen.suspicion, head), seen.malignant)
    return Fusion(
        intercept=float(model.intercept_[0]),
        network=float(model.coef_[0, 0]),
        head=float(model.coef_[0, 1]),
    )


def _stack(both: Floats, malignant: npt.NDArray[np.bool_]) -> Any:
    return LogisticRegression(C=1.0).fit(both, malignant)


def _logits(network: Floats, head: Floats) -> Floats:
    p = np.clip(np.stack([network, head], axis=1), SMALLEST, 1 - SMALLEST)
    return np.log(p / (1 - p))


def _folds(patients: npt.NDArray[np.str_]) -> npt.NDArray[np.int64]:
    """Which fold each row is held out in: patients are dealt out by a seed."""
    keys = np.unique(patients, return_inverse=True)[1]
    count = int(keys.max()) + 1
    order = np.random.default_rng(SEED).permutation(count)
    return (order % FOLDS)[keys]
