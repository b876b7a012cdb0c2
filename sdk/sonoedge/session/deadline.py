"""When an engine must have answered, and whether it had a processor to answer with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sonoedge.device.cpu import longest_wait_ms
from sonoedge.session.engine import Engine


class Deadline:
    """The time limit of what an engine is doing now.

    Args:
        clock_ns: the monotonic clock, nanoseconds.
    """

    def __init__(self, clock_ns: Callable[[], int]) -> None:
        self._clock_ns = clock_ns
        self._until_ns = 0
        self._cpu_wait_ms: Mapping[str, float] | None = None

    def start(self, limit_ns: int) -> None:
        """The engine has begun, and has so long."""
        self._until_ns = self._clock_ns() + limit_ns
        self._cpu_wait_ms = None

    def has_passed(self, now_ns: int) -> bool:
        """Whether the time is up."""
        return now_ns >= self._until_ns

    def left_ms(self) -> float:
        """Milliseconds that are left; 0 where the time is up."""
        return max(0.0, (self._until_ns - self._clock_ns()) / 1e6)

    def watch(self, engine: Engine) -> None:
        """Note, once, how long the engine's threads have waited for a processor so far."""
        if self._cpu_wait_ms is None:
            self._cpu_wait_ms = engine.cpu_wait_ms()

    def cpu_wait_ms(self, engine: Engine | None) -> float:
        """How long one of the engine's threads waited for a processor since `watch`."""
        if engine is None or self._cpu_wait_ms is None:
            return 0.0
        return longest_wait_ms(self._cpu_wait_ms, engine.cpu_wait_ms())

    def explain(self, engine: Engine | None) -> str:
        """What missed it: an engine that hangs, or one that got no processor."""
        wait_ms = self.cpu_wait_ms(engine)
        if wait_ms < 1:
            return "no answer within its deadline"
        return f"no answer within its deadline; it waited {wait_ms:.0f} ms for a processor"
