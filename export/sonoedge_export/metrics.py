"""Accuracy figures and their bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]
Interval = tuple[float, float]


def dice(found: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> float:
    """Dice's coefficient of two masks (Dice 1945); 1 where both are empty."""
    both = int(found.sum()) + int(truth.sum())
    return 1.0 if both == 0 else 2.0 * int((found & truth).sum()) / both


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
    rounds: int = 1000,
    seed: int = 0,
) -> Interval | None:
    """95 % percentile interval (Efron 1979) of a statistic of resampled indices.

    Args:
        statistic: takes indices into the frames, gives a figure or None.
        count: how many frames there are.
        groups: shape (count,), resampled whole, such as patients; frames otherwise.
    """
    if count == 0:
        return None
    keys = (
        np.arange(count)
        if groups is None
        else np.unique(np.asarray(groups), return_inverse=True)[1]
    )
    members = [np.flatnonzero(keys == k) for k in range(int(keys.max()) + 1)]
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(rounds):
        drawn = rng.integers(0, len(members), len(members))
        value = statistic(np.concatenate([members[i] for i in drawn]))
        if value is not None:
            values.append(value)
    if len(values) < rounds // 2:
        return None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def mean_interval(values: npt.ArrayLike, groups: npt.ArrayLike | None = None) -> Interval | None:
    """95 % bootstrap interval of a mean."""
    v = np.asarray(values, dtype=np.float64)
    return bootstrap(lambda i: float(v[i].mean()), len(v), groups=groups)


def auroc_interval(
    scores: npt.ArrayLike, positive: npt.ArrayLike, groups: npt.ArrayLike | None = None
) -> Interval | None:
    """95 % bootstrap interval of an AUROC."""
    s, p = np.asarray(scores, dtype=np.float64), np.asarray(positive, dtype=bool)
    return bootstrap(lambda i: auroc(s[i], p[i]), len(s), groups=groups)
