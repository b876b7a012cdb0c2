"""Quantiles of one figure, and what is known of its samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sonoedge_bench.document.constraints import Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A quantile with its 95 % bootstrap interval, in the figure's unit.

    Attributes:
        low, high: ends of the interval.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One figure's distribution, in its unit: milliseconds for names that end in _ms.

    Attributes:
        n: samples.
        p50, p90, p99, p999: None where the sample is too small to know it.
        required_samples: by the name of each quantile that is None, the samples it takes
            (Wilks 1941).
        block_length: samples per block of the bootstrap; None without samples.
        autocorrelation: of neighbouring samples (lag 1); None where they do not vary.
    """

    n: Count
    mean: float | None
    max: float | None
    p50: Quantile | None
    p90: Quantile | None
    p99: Quantile | None
    p999: Quantile | None
    required_samples: Mapping[str, Count]
    block_length: Count | None
    autocorrelation: float | None

    def quantile(self, name: str) -> Quantile | None:
        """The quantile called "p50", "p90", "p99" or "p999"."""
        result: Quantile | None = getattr(self, name)
        return result
