"""Fit a head: standardise, clip, classify, and turn the decision into a probability."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidData
from sonoedge_export.evaluation.metrics import auroc
from sonoedge_export.heads.rows import Floats, Rows
from sonoedge_export.heads.skl import (
    SVC,
    ConvergenceWarning,
    LogisticRegression,
    MLPClassifier,
    RandomForestClassifier,
)
from sonoedge_export.recipe.head import CHOICES, Kind

CLIP = 4.0  # standard deviations: one measure that is out of its mind must not carry the answer
LEAST_ROWS = 40  # regions to fit on, and frames to choose on
LEAST_OF_A_CLASS = 10
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """A head as it was fitted; its graph must answer like this.

    Attributes:
        settings: those that were chosen.
        mean, scale: float64 (N,) of the standardisation.
        estimator: of scikit-learn, over standardised and clipped measures; a forest takes
            measures as they are.
        slope, offset: of the probability's sigmoid (Platt 1999).
        auroc: on the rows that chose, a missed lesion ranked last.
    """

    kind: Kind
    settings: Mapping[str, float]
    mean: Floats
    scale: Floats
    estimator: Any
    slope: float
    offset: float
    auroc: float

    def prepared(self, measures: npt.NDArray[np.float32]) -> Floats:
        """What the estimator gets, float64 (n, N)."""
        values = measures.astype(np.float64)
        if self.kind == "forest":
            return values
        return np.clip((values - self.mean) / self.scale, -CLIP, CLIP)

    def probabilities(self, measures: npt.NDArray[np.float32]) -> Floats:
        """Probability of malignant, float64 (n,)."""
        decision = decisions(self.kind, self.estimator, self.prepared(measures))
        return 1 / (1 + np.exp(-(self.slope * decision + self.offset)))


def fit(kind: Kind, choices: Mapping[str, tuple[float, ...]], rows: Rows, chooser: Rows) -> Fitted:
    """The best of the settings, by the AUROC of the frames that choose.

    Args:
        choices: values by setting; a setting that is left out has its defaults.
        rows: regions that found a lesion, of the frames to fit on.
        chooser: one row per frame with a lesion, of the frames to choose on.

    Raises:
        InvalidData: there are too few of either class.
    """
    _check(rows, "fit")
    _check(chooser.take(chooser.found), "choose")
    grid = dict(CHOICES[kind]) | dict(choices)
    mean = rows.measures.mean(axis=0, dtype=np.float64)
    scale = rows.measures.std(axis=0, dtype=np.float64)
    scale[scale < 1e-9] = 1.0  # a measure that never changes tells nothing
    seen = chooser.take(chooser.found)
    best: Fitted | None = None
    for values in itertools.product(*grid.values()):
        settings = dict(zip(grid, values, strict=True))
        draft = Fitted(
            kind=kind,
            settings=settings,
            mean=mean,
            scale=scale,
            estimator=_estimator(kind, settings, rows.measures.shape[1]),
            slope=1.0,
            offset=0.0,
            auroc=0.0,
        )
        with warnings.catch_warnings():
            # That the small network stops after so many passes is part of how it is regularised:
            # the frames that choose judge it as it is.
            warnings.simplefilter("ignore", ConvergenceWarning)
            draft.estimator.fit(draft.prepared(rows.measures), rows.malignant)
        decision = decisions(kind, draft.estimator, draft.prepared(seen.measures))
        slope, offset = _platt(decision, seen.malignant)
        # Of the probability, as only that is comparable with a missed lesion's score.
        p = 1 / (1 + np.exp(-(slope * decision + offset)))
        figure = auroc(chooser.scores(p), chooser.malignant)
        assert figure is not None  # both classes are there
        if best is None or figure > best.auroc:
            best = _finished(draft, slope, offset, figure)
    assert best is not None  # no setting is without a value
    return best


def decisions(kind: Kind, estimator: Any, prepared: Floats) -> Floats:
    """The estimator's decision, float64 (n,): above 0 leans to malignant."""
    if kind == "forest":
        return np.asarray(estimator.predict_proba(prepared)[:, 1] - 0.5, dtype=np.float64)
    if kind == "network":
        p = np.clip(estimator.predict_proba(prepared)[:, 1], 1e-12, 1 - 1e-12)
        return np.asarray(np.log(p / (1 - p)), dtype=np.float64)
    return np.asarray(estimator.decision_function(prepared), dtype=np.float64)


def _finished(draft: Fitted, slope: float, offset: float, figure: float) -> Fitted:
    return Fitted(
        kind=draft.kind,
        settings=draft.settings,
        mean=draft.mean,
        scale=draft.scale,
        estimator=draft.estimator,
        slope=slope,
        offset=offset,
        auroc=figure,
    )


def _estimator(kind: Kind, settings: Mapping[str, float], features: int) -> Any:
    if kind == "logistic":
        return LogisticRegression(C=settings["C"], max_iter=2000)
    if kind == "svm-rbf":
        return SVC(C=settings["C"], kernel="rbf", gamma=settings["gamma"] / features)
    if kind == "svm-poly":
        return SVC(
            C=settings["C"],
            kernel="poly",
            gamma=1 / features,
            degree=int(settings["degree"]),
            coef0=1.0,
        )
    if kind == "forest":
        return RandomForestClassifier(
            n_estimators=int(settings["trees"]),
            min_samples_leaf=int(settings["leaf"]),
            random_state=SEED,
            n_jobs=1,
        )
    return MLPClassifier(
        hidden_layer_sizes=(int(settings["hidden"]),),
        alpha=settings["alpha"],
        max_iter=400,
        early_stopping=False,
        random_state=SEED,
    )


def _platt(decision: Floats, malignant: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset of the sigmoid (Platt 1999); nearly no shrinkage, as of two numbers."""
    spread = float(decision.std()) or 1.0
    model = LogisticRegression(C=1e3).fit((decision / spread)[:, None], malignant)
    return float(model.coef_[0, 0]) / spread, float(model.intercept_[0])


def _check(rows: Rows, use: str) -> None:
    malignant = int(rows.malignant.sum())
    benign = len(rows) - malignant
    if len(rows) < LEAST_ROWS or min(malignant, benign) < LEAST_OF_A_CLASS:
        raise InvalidData(
            f"head.{use}: {malignant} malignant and {benign} benign regions could be measured; "
            f"at least {LEAST_ROWS} are needed, {LEAST_OF_A_CLASS} of each"
        )
