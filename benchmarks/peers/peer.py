"""What a peer is to the comparison."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from subject import Picture, Regions


class Watch:
    """Times the engine's call in the middle of a peer's work.

    Attributes:
        ms: milliseconds of the last call.
    """

    ms = 0.0

    def __call__(self, call: Callable[..., Any], *arguments: Any) -> Any:
        start = time.monotonic_ns()
        answer = call(*arguments)
        self.ms = (time.monotonic_ns() - start) / 1e6
        return answer


class Peer(Protocol):
    """One way to get from a frame to regions."""

    @property
    def name(self) -> str: ...

    @property
    def engine_ms(self) -> float:
        """Milliseconds that the engine took within the last `regions`."""
        ...

    def prepare(self, picture: Picture) -> None:
        """Make the engine's input of a frame, for `bare`; not timed."""
        ...

    def bare(self) -> None:
        """The engine's call alone."""
        ...

    def regions(self, picture: Picture) -> Regions:
        """From a frame, uint8 (H, W), to outlines in its pixels."""
        ...
