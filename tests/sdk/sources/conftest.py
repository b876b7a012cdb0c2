"""Shared by the tests of sources: a clock that is ticked by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from false_device import Device
from sonoedge.errors import SourceError


class HandClock:
    """A monotonic clock that moves only when told to, or slept on."""

    def __init__(self) -> None:
        self.now_ns = 1_000_000_000
        self.slept_s: list[float] = []

    def __call__(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_ns += round(seconds * 1e9)

    def tick_ms(self, milliseconds: float) -> None:
        self.now_ns += round(milliseconds * 1e6)


@pytest.fixture
def clock() -> HandClock:
    """A clock that is ticked by hand, at one second."""
    return HandClock()


@pytest.fixture
def device() -> Iterator[Device]:
    """A device that misbehaves on order."""
    device = Device()
    yield device
    device.unhang.set()
    device.say(*[SourceError("the test is over")] * 10)
