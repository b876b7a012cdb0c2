"""Grey level run lengths: how far a level goes on, along four directions.

As IBSI 1 defines it (Zwanenburg et al. 2020, Radiology 295:328; section 3.7 of its reference
manual). Texture of a region merges the directions first ("2D slice-merged").
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge.measure.levels import Levels

NAMES: Final = (
    "short_runs",
    "long_runs",
    "low_level_runs",
    "high_level_runs",
    "short_low_level_runs",
    "short_high_level_runs",
    "long_low_level_runs",
    "long_high_level_runs",
    "level_non_uniformity",
    "level_non_uniformity_normalised",
    "length_non_uniformity",
    "length_non_uniformity_normalised",
    "run_percentage",
    "level_variance",
    "length_variance",
    "entropy",
)


def run_counts(framed: Levels, count: int, steps: Sequence[int]) -> npt.NDArray[Any]:
    """How many runs there are of each level and length, shape (count, longest).

    Args:
        framed: as `padded` gives it.
        count: how many levels there are.
        steps: some of `strides(framed)`; their runs are added.
    """
    flat, longest = framed.ravel(), max(framed.shape)
    lines = []
    for step in steps:
        filled = np.full(flat.size + -flat.size % step, count, dtype=np.uint8)
        filled[: flat.size] = flat
        lines.append(filled.reshape(-1, step).T.ravel())
    line = np.concatenate(lines)
    ends = np.flatnonzero(line[1:] != line[:-1])
    level = line[ends].astype(np.intp)
    last = np.empty_like(ends)  # of a run: how far it goes on beyond its first place
    last[0], last[1:] = ends[0], ends[1:] - ends[:-1] - 1
    places = level * longest + last
    runs = np.bincount(places[level < count], minlength=count * longest)
    return runs.reshape(count, longest)


def glrlm(runs: npt.NDArray[Any], places: int) -> list[float]:
    """The values of `NAMES`.

    Args:
        runs: as `run_counts` gives them; at least one run.
        places: pixels x directions.
    """
    total = float(runs.sum())
    by_level, by_length = runs.sum(axis=1) / total, runs.sum(axis=0) / total
    of_level, of_length = _weights(runs.shape[0]), _weights(runs.shape[1])
    # Rows: all levels, low, high, level itself; columns: all lengths, short, long, length itself.
    table = of_level @ (runs / total) @ of_length.T
    level_evenness, length_evenness = float(by_level @ by_level), float(by_length @ by_length)
    shares = runs[runs > 0] / total
    return [
        float(table[0, 1]),
        float(table[0, 2]),
        float(table[1, 0]),
        float(table[2, 0]),
        float(table[1, 1]),
        float(table[2, 1]),
        float(table[1, 2]),
        float(table[2, 2]),
        level_evenness * total,
        level_evenness,
        length_evenness * total,
        length_evenness,
        total / places,
        max(0.0, float(table[2, 0] - table[3, 0] ** 2)),
        max(0.0, float(table[0, 2] - table[0, 3] ** 2)),
        max(0.0, -float(shares @ np.log2(shares))),
    ]


@functools.lru_cache(maxsize=256)
def _weights(size: int) -> npt.NDArray[np.float64]:
    """Rows: 1, 1 / k^2, k^2, k of k = 1 to size."""
    k = np.arange(1, size + 1, dtype=np.float64)
    return np.stack([np.ones(size), 1 / k**2, k**2, k])
