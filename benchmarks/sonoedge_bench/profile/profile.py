"""Profile an engine: a number of calls, the first of which do not count."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from sonoedge.runtime import Tensors
from sonoedge_bench.document.profile import Layer, Profile
from sonoedge_bench.profile.engines import LayerTime, ProfiledRuntime
from sonoedge_bench.profile.modules import module_of

INFERENCES: Final = 50
WARM_UP: Final = 10


def profile(
    engine: ProfiledRuntime,
    inputs: Sequence[Tensors],
    *,
    inferences: int = INFERENCES,
    warm_up: int = WARM_UP,
    modules: Mapping[str, str] | None = None,
    clock_ns: Callable[[], int] = time.monotonic_ns,
) -> Profile:
    """Run the inputs over and over; the engine is closed then.

    Args:
        modules: as `module_names` gives them, for the layers' names in the network.

    Raises:
        EngineFailed: a call failed.
    """
    calls_ms = []
    for number in range(warm_up + inferences):
        start_ns = clock_ns()
        engine.infer(inputs[number % len(inputs)])
        if number >= warm_up:
            calls_ms.append((clock_ns() - start_ns) / 1e6)
    layers = engine.layer_times(skip=warm_up)
    return as_profile(layers, inferences, float(np.median(calls_ms)), modules or {})


def as_profile(
    times: Sequence[LayerTime], inferences: int, call_ms: float, modules: Mapping[str, str]
) -> Profile:
    """Per inference, the slowest first."""
    sum_ms = sum(t.total_ms for t in times)
    layers = [
        Layer(
            name=t.name,
            operator=t.operator,
            kernel=t.kernel,
            calls=round(t.calls / inferences, 3),
            mean_ms=round(t.total_ms / inferences, 5),
            share=round(t.total_ms / sum_ms, 5) if sum_ms else 0.0,
            module=module_of(t.name, modules),
        )
        for t in sorted(times, key=lambda t: -t.total_ms)
    ]
    return Profile(
        inferences=inferences,
        sum_ms=round(sum_ms / inferences, 4),
        call_ms=round(call_ms, 4),
        layers=tuple(layers),
    )
