"""Time the variants on this machine, so that the fastest can be chosen by measurement."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

from sonoedge.preprocess import Preprocess
from sonoedge.runtime import Runtime
from sonoedge_export.labelled import Labelled
from sonoedge_export.recipe import Recipe


def interleaved_p50(
    runtimes: Mapping[str, Runtime],
    data: Labelled,
    recipe: Recipe,
    *,
    rounds: int = 8,
    burst: int = 5,
    clock_ns: Callable[[], int] = time.monotonic_ns,
) -> dict[str, float]:
    """Median milliseconds of one engine call per variant.

    Variants take turns in short bursts, so that whatever else the machine does hits
    all of them; the first call of each burst is not counted.
    """
    preprocess = Preprocess(recipe.input)
    tensors = [preprocess(e.pixels())[0].copy() for e in data.entries[: max(1, min(8, len(data)))]]
    samples: dict[str, list[float]] = {name: [] for name in runtimes}
    for turn in range(rounds):
        tensor = tensors[turn % len(tensors)]
        for name, runtime in runtimes.items():
            given = {runtime.inputs[0].name: tensor}
            runtime.infer(given)
            for _ in range(burst):
                began = clock_ns()
                runtime.infer(given)
                samples[name].append((clock_ns() - began) / 1e6)
    return {name: round(float(np.median(s)), 3) for name, s in samples.items()}
