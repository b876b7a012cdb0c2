"""Time engines side by side on this device."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sonoedge.device.record import Timing
from sonoedge.runtime import Runtime

K = TypeVar("K", bound=Hashable)


def interleaved_ms(
    engines: Mapping[K, Runtime],
    tensors: Sequence[npt.NDArray[np.uint8]],
    *,
    rounds: int = 40,
    burst: int = 5,
    clock_ns: Callable[[], int] = time.monotonic_ns,
) -> dict[K, list[float]]:
    """Milliseconds of single engine calls.

    Engines take turns in short bursts, so that whatever else the machine does hits all
    of them; the first call of each burst is made and not counted.

    Args:
        tensors: preprocessed frames, uint8 [1, 1, height, width], used in turn.
    """
    samples: dict[K, list[float]] = {key: [] for key in engines}
    for turn in range(rounds):
        tensor = tensors[turn % len(tensors)]
        for key, engine in engines.items():
            inputs = {engine.inputs[0].name: tensor}
            engine.infer(inputs)
            for _ in range(burst):
                start_ns = clock_ns()
                engine.infer(inputs)
                samples[key].append((clock_ns() - start_ns) / 1e6)
    return samples


def timing(samples_ms: Sequence[float]) -> Timing:
    """The quantiles that a result keeps."""
    p50, p90, p99 = (round(float(v), 4) for v in np.percentile(samples_ms, [50, 90, 99]))
    return Timing(calls=len(samples_ms), p50_ms=p50, p90_ms=p90, p99_ms=p99)
