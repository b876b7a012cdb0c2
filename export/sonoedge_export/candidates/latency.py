"""Time the variants on this machine, so that the fastest can be chosen by measurement."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

from sonoedge.processing.preprocess import Preprocess
from sonoedge.provision.timing import interleaved_ms
from sonoedge.runtime import Runtime
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.recipe.recipe import Recipe


def interleaved_p50(
    runtimes: Mapping[str, Runtime],
    data: Labelled,
    recipe: Recipe,
    *,
    rounds: int = 8,
    burst: int = 5,
    clock_ns: Callable[[], int] = time.monotonic_ns,
) -> dict[str, float]:
    """Median milliseconds of one engine call per variant, all taking turns on these frames."""
    preprocess = Preprocess(recipe.input)
    entries = data.entries[: max(1, min(8, len(data)))]
    tensors = [preprocess(e.pixels(), aspect=e.pixel_aspect)[0].copy() for e in entries]
    samples = interleaved_ms(runtimes, tensors, rounds=rounds, burst=burst, clock_ns=clock_ns)
    return {name: round(float(np.median(s)), 3) for name, s in samples.items()}
