"""Time the variants on this machine, so that the fastest can be chosen by measurement."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from sonoedge.processing.preprocess import Pixels, Preprocess, PreprocessSpec
from sonoedge.provision.timing import interleaved_ms
from sonoedge.runtime import Runtime
from sonoedge_export.data.labelled import Labelled

Timer: TypeAlias = Callable[[Mapping[str, Runtime]], Mapping[str, float]]
"""From engines by name to median milliseconds of one call, all measured in turns."""

MOST_FRAMES = 8


def interleaved_p50(
    runtimes: Mapping[str, Runtime],
    tensors: Sequence[Pixels],
    *,
    rounds: int = 8,
    burst: int = 5,
    clock_ns: Callable[[], int] = time.monotonic_ns,
) -> dict[str, float]:
    """Median milliseconds of one engine call per variant, all taking turns.

    Args:
        tensors: frames as the engine gets them, uint8 [1, 1, H, W].
    """
    samples = interleaved_ms(runtimes, tensors, rounds=rounds, burst=burst, clock_ns=clock_ns)
    return {name: round(float(np.median(s)), 3) for name, s in samples.items()}


def timing_frames(frames: Labelled, spec: PreprocessSpec) -> list[Pixels]:
    """The first few frames as the engine gets them, uint8 [1, 1, H, W]."""
    preprocess = Preprocess(spec)
    entries = frames.entries[:MOST_FRAMES]
    return [preprocess(e.pixels(), aspect=e.pixel_aspect)[0].copy() for e in entries]
