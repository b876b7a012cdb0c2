"""Two ways to a map: occlusion (Zeiler and Fergus 2014, arXiv:1311.2901) and LIME
(Ribeiro et al. 2016, arXiv:1602.04938), both with square patches of blur."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sonoedge.explain.deletion import CALLS
from sonoedge.explain.question import MOST_CALLS, Flags, Question, Segments, Weights, patches

LEFT: Final = MOST_CALLS - CALLS - 1  # calls that a method may make: one was for the frame itself
LIME_PATCHES: Final = 64
RIDGE: Final = 1.0
WIDTH: Final = 0.25  # of the kernel by which pictures near the frame count more


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Map:
    """What each part of a picture weighs.

    Attributes:
        segments: the number of each pixel's part, [h, w] of the question.
        weights: of each part, in suspicion; above 0 where the suspicion hangs on it.
        stability: rank correlation of two halves with seeds of their own; None of a method
            that draws nothing.
    """

    segments: Segments
    weights: Weights
    stability: float | None = None


def occlusion(question: Question) -> Map:
    """Blur one patch after the other: the weight is what the suspicion falls by."""
    segments = patches(question.shape, LEFT)
    count = int(segments.max()) + 1
    falls = [question.fall(segments, np.arange(count) == n) for n in range(count)]
    return Map(segments=segments, weights=np.array(falls))


def lime(question: Question, seeds: tuple[int, int] = (0, 1)) -> Map:
    """Blur half of the patches at random, many times: the weights are those of a ridge."""
    segments = patches(question.shape, LIME_PATCHES)
    count = int(segments.max()) + 1
    halves = []
    for seed in seeds:
        blurred = np.random.default_rng(seed).random((LEFT // 2, count)) < 0.5
        halves.append((blurred, np.array([question.fall(segments, row) for row in blurred])))
    both = ridge(*(np.concatenate(part) for part in zip(*halves, strict=True)))
    stability = rank_correlation(*(ridge(*half) for half in halves))
    return Map(segments=segments, weights=both, stability=stability)


def ridge(blurred: Flags, falls: Weights) -> Weights:
    """Weights of patches whose sum comes nearest to the falls, small ones preferred.

    Args:
        blurred: [pictures, patches].
        falls: of each picture.
    """
    x = blurred.astype(np.float64)
    near = np.sqrt(np.exp(-(np.square(1 - np.sqrt(1 - x.mean(axis=1)))) / WIDTH**2))
    x = np.column_stack([x, np.ones(len(x))]) * near[:, None]
    penalty = RIDGE * np.eye(x.shape[1])
    penalty[-1, -1] = 0  # the constant is free
    weights: Weights = np.linalg.solve(x.T @ x + penalty, x.T @ (falls * near))[:-1]
    return weights


def rank_correlation(a: Weights, b: Weights) -> float:
    """Spearman's; 0 where all weights of one are alike."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    one, other = (np.argsort(np.argsort(values)).astype(np.float64) for values in (a, b))
    return float(np.corrcoef(one, other)[0, 1])


METHODS: Final = {"occlusion": occlusion, "lime": lime}
