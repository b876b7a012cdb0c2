"""Grey level co-occurrence: which levels lie beside which, and what follows from it.

As IBSI 1 defines it (Zwanenburg et al. 2020, Radiology 295:328; section 3.6 of its reference
manual): distance 1, four directions, symmetric. Texture of a region merges the directions
first ("2D slice-merged"). All values but four follow from how sums and differences of the
two levels are distributed, as the matrix is symmetric.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sonoedge.measure.levels import Levels

Floats = npt.NDArray[np.float64]

NAMES: Final = (
    "joint_maximum",
    "joint_average",
    "joint_variance",
    "joint_entropy",
    "difference_average",
    "difference_variance",
    "difference_entropy",
    "sum_average",
    "sum_variance",
    "sum_entropy",
    "angular_second_moment",
    "contrast",
    "dissimilarity",
    "inverse_difference",
    "inverse_difference_normalised",
    "inverse_difference_moment",
    "inverse_difference_moment_normalised",
    "inverse_variance",
    "correlation",
    "autocorrelation",
    "cluster_tendency",
    "cluster_shade",
    "cluster_prominence",
    "information_correlation_1",
    "information_correlation_2",
)


def pair_counts(framed: Levels, count: int, steps: Iterable[int]) -> npt.NDArray[Any]:
    """How often each two levels are neighbours, symmetric, shape (count, count).

    Args:
        framed: as `padded` gives it.
        count: how many levels there are.
        steps: some of `strides(framed)`; their counts are added.
    """
    flat = framed.ravel()
    wide = count + 1
    scaled = flat * wide
    pairs = np.concatenate([scaled[:-s] + flat[s:] for s in steps])
    table = np.bincount(pairs, minlength=wide * wide).reshape(wide, wide)[:count, :count]
    symmetric: npt.NDArray[Any] = table + table.T
    return symmetric


def glcm(counts: npt.NDArray[Any]) -> list[float]:
    """The values of `NAMES`; a region without any pair counts as one level.

    Args:
        counts: as `pair_counts` gives them.
    """
    size = counts.shape[0]
    tables = _tables(size)
    total = float(counts.sum())
    joint = counts.ravel() / total if total else tables.single
    share_diff: Any = np.bincount(tables.difference, weights=joint, minlength=size)
    share_sum: Any = np.bincount(tables.sum, weights=joint, minlength=2 * size - 1)
    dissimilarity, contrast, inv, inv_norm, idm, idm_norm, inv_variance = (
        tables.of_difference @ share_diff
    ).tolist()
    sum_average = float(share_sum @ tables.sums)
    centred = tables.sums - sum_average
    squares = centred * centred
    tendency = float(share_sum @ squares)
    # i = (sum + difference) / 2, j = (sum - difference) / 2, and differences come in both signs.
    variance, covariance = (tendency + contrast) / 4, (tendency - contrast) / 4
    entropy = _entropy(joint)
    marginal = _entropy(joint.reshape(size, size).sum(axis=0))
    return [
        float(joint.max()),
        sum_average / 2,
        variance,
        entropy,
        dissimilarity,
        max(0.0, contrast - dissimilarity**2),
        _entropy(share_diff),
        sum_average,
        tendency,
        _entropy(share_sum),
        float(joint @ joint),
        contrast,
        dissimilarity,
        inv,
        inv_norm,
        idm,
        idm_norm,
        inv_variance,
        covariance / variance if variance > 1e-12 else 1.0,
        covariance + sum_average**2 / 4,
        tendency,
        float(share_sum @ (squares * centred)),
        float(share_sum @ (squares * squares)),
        (entropy - 2 * marginal) / marginal if marginal > 1e-12 else 0.0,
        math.sqrt(max(0.0, 1 - math.exp(-2 * max(0.0, 2 * marginal - entropy)))),
    ]


def _entropy(shares: Floats) -> float:
    """In bits."""
    some = shares[shares > 0]
    return max(0.0, -float(some @ np.log2(some)))


class _Tables(NamedTuple):
    """What depends on the number of levels alone."""

    difference: npt.NDArray[np.intp]  # |i - j| of each entry of the flat matrix
    sum: npt.NDArray[np.intp]  # its i + j, from 0
    sums: Floats  # i + j with levels from 1
    of_difference: Floats  # rows: weights of the differences
    single: Floats  # the matrix of a region of one level, flat


@functools.cache
def _tables(size: int) -> _Tables:
    i, j = np.indices((size, size)).reshape(2, -1)
    d = np.arange(size, dtype=np.float64)
    single = np.zeros(size * size)
    single[0] = 1.0
    rows = (
        d,
        d * d,
        1 / (1 + d),
        1 / (1 + d / size),
        1 / (1 + d * d),
        1 / (1 + d * d / size**2),
        np.concatenate([[0.0], 1 / d[1:] ** 2]),
    )
    return _Tables(
        difference=np.abs(i - j),
        sum=i + j,
        sums=np.arange(2, 2 * size + 1, dtype=np.float64),
        of_difference=np.stack(rows),
        single=single,
    )
