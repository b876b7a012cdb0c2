"""Quantiles that a sample is large enough to know, and bootstrap intervals around them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge_bench.document.figures import Quantile, Summary

Floats = npt.NDArray[np.float64]

QUANTILES: Final = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}
CONFIDENCE: Final = 0.95
SEED: Final = 7
_AT_ONCE: Final = 2_000_000  # values resampled at once: bounds the memory


def required(quantile: float, confidence: float = CONFIDENCE) -> int:
    """The smallest sample that is enough to know a quantile.

    Of that many independent samples the largest lies above the quantile with this
    confidence (Wilks 1941, a one-sided tolerance limit): 5 for p50, 29 for p90, 299 for
    p99, 2995 for p99.9.
    """
    return math.ceil(math.log1p(-confidence) / math.log(quantile))


def block_length(n: int) -> int:
    """Length of the blocks that are resampled: n to the power 1/3 (Hall, Horowitz, Jing 1995)."""
    return max(1, round(math.pow(n, 1 / 3)))


def resamples(n: int) -> int:
    """How many resamples are drawn: 1000, fewer from 10,000 samples on, never below 200."""
    return int(min(1000, max(200, 10_000_000 // max(1, n))))


def indices(n: int, *, seed: int = SEED) -> Iterator[npt.NDArray[np.int64]]:
    """Indices of circular blocks (Politis, Romano 1992), int64, shape (some, n), piece by piece.

    Latencies of neighbouring frames are alike (clocks, caches, other work): resampling
    single ones would call their intervals too narrow, resampling blocks keeps the
    likeness. The same n and seed give the same indices.
    """
    rng, block, remaining = np.random.default_rng(seed), block_length(n), resamples(n)
    blocks_per_sample = math.ceil(n / block)
    while remaining > 0:
        batch = max(1, min(remaining, _AT_ONCE // max(1, n)))
        starts = rng.integers(0, n, (batch, blocks_per_sample, 1))
        blocks = (starts + np.arange(block)) % n
        yield blocks.reshape(batch, -1)[:, :n]
        remaining -= batch


def interval(statistics: Sequence[float] | Floats) -> tuple[float, float]:
    """The middle 95 % of a bootstrap distribution."""
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(np.asarray(statistics), [tail, 100 - tail])
    return float(low), float(high)


def summary(samples: Sequence[float]) -> Summary:
    """Quantiles with intervals, maximum and mean of samples in their order of time.

    A quantile for which there are too few samples is None, and `required_samples` says how
    many it takes. Values are rounded to four digits.
    """
    values = np.asarray(samples, dtype=np.float64)
    n = len(values)
    quantiles = _quantiles(values)
    return Summary(
        n=n,
        mean=round(float(values.mean()), 4) if n else None,
        max=round(float(values.max()), 4) if n else None,
        p50=quantiles.get("p50"),
        p90=quantiles.get("p90"),
        p99=quantiles.get("p99"),
        p999=quantiles.get("p999"),
        required_samples={
            name: required(q) for name, q in QUANTILES.items() if name not in quantiles
        },
        block_length=block_length(n) if n else None,
        autocorrelation=autocorrelation(values),
    )


def _quantiles(values: Floats) -> dict[str, Quantile]:
    """Those that the sample is large enough to know."""
    names = [name for name, q in QUANTILES.items() if len(values) >= required(q)]
    if not names:
        return {}
    points = [100 * QUANTILES[name] for name in names]
    resampled = np.concatenate(
        [np.percentile(values[i], points, axis=1) for i in indices(len(values))], axis=1
    )
    result = {}
    for name, value, row in zip(names, np.percentile(values, points), resampled, strict=True):
        low, high = interval(row)
        result[name] = Quantile(
            value=round(float(value), 4), low=round(low, 4), high=round(high, 4)
        )
    return result


def autocorrelation(values: Floats) -> float | None:
    """Pearson correlation of each sample with the next one; None where nothing varies."""
    if len(values) < 3:
        return None
    before, after = values[:-1] - values[:-1].mean(), values[1:] - values[1:].mean()
    scale = math.sqrt(float(before @ before) * float(after @ after))
    return round(float(before @ after) / scale, 3) if scale > 0 else None


def ratio_of_medians(
    before: Sequence[float], after: Sequence[float], *, paired: bool
) -> tuple[float, float, float]:
    """Median of `other` over median of `one`, with its 95 % interval.

    Args:
        one, other: samples in their order of time, of one length where `paired`.
        paired: the same blocks of frames are drawn from both, so that what the frames
            themselves make slow or fast cancels.
    """
    a, b = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    ratio = float(np.median(b) / np.median(a))
    medians_before = np.concatenate([np.median(a[i], axis=1) for i in indices(len(a))])
    seed = SEED if paired else SEED + 1
    medians_after = np.concatenate([np.median(b[i], axis=1) for i in indices(len(b), seed=seed)])
    fewest = min(len(medians_before), len(medians_after))
    low, high = interval(medians_after[:fewest] / medians_before[:fewest])
    return ratio, low, high


def slope(times: Sequence[float], values: Sequence[float]) -> tuple[float, float, float]:
    """Least-squares slope of values over times, with its 95 % interval from blocks of pairs.

    Raises:
        ValueError: fewer than three points, or all at one time.
    """
    t, v = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if len(t) < 3 or float(np.ptp(t)) == 0:
        raise ValueError("a slope needs three points at different times")

    def fit(x: Floats, y: Floats) -> Floats:
        x = x - x.mean(axis=-1, keepdims=True)
        y = y - y.mean(axis=-1, keepdims=True)
        spread = (x * x).sum(axis=-1)
        rise = (x * y).sum(axis=-1)
        slopes: Floats = np.divide(rise, spread, out=np.zeros_like(rise), where=spread > 0)
        return slopes

    blocks = np.concatenate([fit(t[i], v[i]) for i in indices(len(t))])
    low, high = interval(blocks)
    return float(fit(t[None], v[None])[0]), low, high
