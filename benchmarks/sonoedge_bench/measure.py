"""Bare engine calls and whole analyses, taking turns in one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sonoedge import Analysed, Analyser, Frame
from sonoedge.analyser import STAGES
from sonoedge.errors import InvalidSettings
from sonoedge.preprocess import Preprocess, PreprocessSpec

QUANTILES = {"p50": 50.0, "p90": 90.0, "p99": 99.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Raw samples of one variant, in milliseconds, warm-ups left out.

    Attributes:
        engine_ms: bare engine calls on a preprocessed tensor.
        total_ms: `Analyser.analyse` calls on the same frame, right after.
        stages_ms: the same calls, per stage.
    """

    engine_ms: tuple[float, ...]
    total_ms: tuple[float, ...]
    stages_ms: Mapping[str, tuple[float, ...]]

    @property
    def overhead_ms(self) -> tuple[float, ...]:
        """What a whole analysis took above the bare call beside it."""
        return tuple(t - e for t, e in zip(self.total_ms, self.engine_ms, strict=True))


def measure(
    analysers: Mapping[str, Analyser],
    preprocess: PreprocessSpec,
    pictures: Sequence[npt.NDArray[np.uint8]],
    *,
    frames: int,
    warmup: int = 20,
    clock_ns: Callable[[], int] = time.monotonic_ns,
) -> dict[str, Samples]:
    """Time every variant on the same pictures, in turns.

    Within a turn each variant makes one bare call and one analysis; which of the two
    comes first alternates, so that neither always finds the warmer cache.

    Args:
        pictures: at least two different ones, or the guard would see a frozen picture.

    Raises:
        InvalidSettings: too few pictures, or a picture that is not analysed.
    """
    if len(pictures) < 2 or frames < 1:
        raise InvalidSettings("a measurement needs two or more different pictures and a frame")
    scale = Preprocess(preprocess)
    tensors = [scale(p)[0].copy() for p in pictures]
    engine: dict[str, list[float]] = {name: [] for name in analysers}
    total: dict[str, list[float]] = {name: [] for name in analysers}
    stages: dict[str, dict[str, list[float]]] = {n: {s: [] for s in STAGES} for n in analysers}
    for turn in range(warmup + frames):
        picture, tensor = pictures[turn % len(pictures)], tensors[turn % len(pictures)]
        for name, analyser in analysers.items():
            given = {analyser.engine.inputs[0].name: tensor}
            bare = whole = 0.0
            for bare_now in (turn % 2 == 0, turn % 2 == 1):
                frame = Frame(pixels=picture)
                began = clock_ns()
                if bare_now:
                    analyser.engine.infer(given)
                    bare = (clock_ns() - began) / 1e6
                else:
                    result = analyser.analyse(frame)
                    whole = (clock_ns() - began) / 1e6
                    if not isinstance(result, Analysed):
                        why = ", ".join(r.value for r in result.reasons)
                        raise InvalidSettings(f"a picture is not analysed: {why} {result.detail}")
            if turn >= warmup:
                engine[name].append(bare)
                total[name].append(whole)
                for stage, ms in result.stages_ms.items():
                    stages[name][stage].append(ms)
    return {
        name: Samples(
            engine_ms=tuple(engine[name]),
            total_ms=tuple(total[name]),
            stages_ms={stage: tuple(values) for stage, values in stages[name].items()},
        )
        for name in analysers
    }


def quantiles(samples: Sequence[float]) -> dict[str, float]:
    """p50, p90 and p99."""
    values = np.percentile(samples, list(QUANTILES.values()))
    return {name: round(float(v), 4) for name, v in zip(QUANTILES, values, strict=True)}
