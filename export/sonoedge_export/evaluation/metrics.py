"""Accuracy figures and their bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import beta, rankdata

ROUNDS: Final = 1000
SEED: Final = 0
# How the intervals of every report are made, for who reads the report alone.
INTERVALS: Final[Mapping[str, str | int | float]] = {
    "method": "percentile bootstrap (Efron 1979)",
    "where all or none": "exact (Clopper and Pearson 1934)",
    "level": 0.95,
    "rounds": ROUNDS,
    "seed": SEED,
    "resampled": "patients where they are known, else frames; copies of one picture are one sample",
}

Floats = npt.NDArray[np.float64]
Interval = tuple[float, float]


def dice(predicted: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> float:
    """Dice's coefficient of two masks (Dice 1945); 1 where both are empty."""
    total = int(predicted.sum()) + int(truth.sum())
    return 1.0 if total == 0 else 2.0 * int((predicted & truth).sum()) / total


def auroc(scores: npt.ArrayLike, positive: npt.ArrayLike) -> float | None:
    """Area under the ROC curve by ranks (Mann-Whitney); ties count half.

    None where one of the two classes is missing.
    """
    s, p = np.asarray(scores, dtype=np.float64), np.asarray(positive, dtype=bool)
    n, m = int(p.sum()), int((~p).sum())
    if n == 0 or m == 0:
        return None
    ranks = rankdata(s)
    return float((ranks[p].sum() - n * (n + 1) / 2) / (n * m))


def bootstrap(
    statistic: Callable[[npt.NDArray[np.int64]], float | None],
    count: int,
    *,
    groups: npt.ArrayLike | None = None,
    rounds: int = ROUNDS,
    seed: int = SEED,
) -> Interval | None:
    """95 % percentile interval (Efron 1979) of a statistic of resampled indices.

    Args:
        statistic: takes indices into the frames, gives a figure or None.
        count: how many frames there are.
        groups: shape (count,), resampled whole, such as patients; frames otherwise.
    """
    if count == 0:
        return None
    members = None
    if groups is not None:
        keys = np.unique(np.asarray(groups), return_inverse=True)[1]
        members = [np.flatnonzero(keys == k) for k in range(int(keys.max()) + 1)]
        if len(members) == count:
            members = None  # each frame its own group
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(rounds):
        units = count if members is None else len(members)
        indices = rng.integers(0, units, units)
        if members is not None:
            indices = np.concatenate([members[i] for i in indices])
        value = statistic(indices)
        if value is not None:
            values.append(value)
    if len(values) < rounds // 2:
        return None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def mean_interval(values: npt.ArrayLike, groups: npt.ArrayLike | None = None) -> Interval | None:
    """95 % bootstrap interval of a mean.

    Of a share that is 0 or 1, all resamples are alike: that is no certainty, and its interval is
    the exact one, of as many trials as there are groups.
    """
    v = np.asarray(values, dtype=np.float64)
    if len(v) and (not v.any() or (v == 1.0).all()):
        return exact_interval(float(v[0]), len(v) if groups is None else len(np.unique(groups)))
    return bootstrap(lambda i: float(v[i].mean()), len(v), groups=groups)


def auroc_interval(
    scores: npt.ArrayLike, positive: npt.ArrayLike, groups: npt.ArrayLike | None = None
) -> Interval | None:
    """95 % bootstrap interval of an AUROC."""
    s, p = np.asarray(scores, dtype=np.float64), np.asarray(positive, dtype=bool)
    return bootstrap(lambda i: auroc(s[i], p[i]), len(s), groups=groups)


def exact_interval(share: float, count: int) -> Interval:
    """95 % interval of a share of independent trials (Clopper and Pearson 1934).

    Never narrower than its name: where none of 48 trials hit, up to 7.4 % may.

    Args:
        share: hits per trial, 0 to 1; of groups that are weighted, not always a whole
            number of hits.
        count: independent trials.
    """
    if count == 0:
        return 0.0, 1.0
    hits = share * count
    low = 0.0 if hits <= 0 else float(beta.ppf(0.025, hits, count - hits + 1))
    high = 1.0 if hits >= count else float(beta.ppf(0.975, hits + 1, count - hits))
    return low, high


def threshold_at_specificity(negatives: npt.ArrayLike, specificity: float) -> float:
    """The lowest threshold, above 0, that flags no more than 1 - specificity of the negatives.

    A score is flagged from the threshold on; of scores that tie, all are or none.
    """
    ordered = np.sort(np.asarray(negatives, dtype=np.float64))[::-1]
    flagged = int(np.floor((1.0 - specificity) * len(ordered) + 1e-9))
    highest_left = ordered[flagged] if flagged < len(ordered) else 0.0
    # Not the smallest number above 0 but the smallest normal one: others may count as 0.
    return float(max(np.nextafter(max(highest_left, 0.0), np.inf), np.finfo(np.float64).tiny))
