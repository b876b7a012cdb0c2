from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from sonoedge_bench.profile.profile import profile


@dataclass(frozen=True, kw_only=True)
class Time:
    name: str
    operator: str
    kernel: str
    calls: int
    total_ms: float


class Engine:
    """Each call takes 4 ms of a clock that moves by hand."""

    inputs = outputs = ()

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self.given: list[Any] = []
        self.skipped = 0

    def infer(self, tensors: Any) -> Any:
        self.given.append(tensors)
        self._clock.forward_ms(4)
        return {}

    def close(self) -> None:
        pass

    def layer_times(self, *, skip: int) -> Sequence[Time]:
        self.skipped = skip
        return [
            Time(name="fast", operator="Add", kernel="", calls=10, total_ms=10.0),
            Time(name="slow", operator="Conv", kernel="jit", calls=20, total_ms=30.0),
        ]


def test_times_are_per_inference_and_the_slowest_layer_is_first(clock: Any) -> None:
    engine = Engine(clock)
    inputs = [{"a": 1}, {"a": 2}]
    result = profile(engine, inputs, inferences=10, warm_up=3, clock_ns=clock)  # type: ignore[arg-type]
    assert engine.skipped == 3
    assert engine.given == [*(inputs * 6), inputs[0]]
    assert (result.inferences, result.sum_ms, result.call_ms) == (10, 4.0, 4.0)
    slow, fast = result.layers
    assert (slow.name, slow.calls, slow.mean_ms, slow.share) == ("slow", 2.0, 3.0, 0.75)
    assert fast.share == pytest.approx(0.25)
