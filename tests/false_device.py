"""A live device that misbehaves on order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from typing import Any

import numpy as np

from sonoedge.sources.picture import Contents, Picture

PATIENCE_S = 20.0  # only a failing test waits so long


class Device:
    """A device whose every reading is told by the test, from its own thread.

    `say` hands the reader one thing: a picture's number, "again" (the same picture for
    ever, at once), "hang", or an exception to raise.
    """

    def __init__(self) -> None:
        self.opened = self.closed = self.hanging = 0
        self.refuses: Exception | None = None
        self.stamps = False
        self.shape: tuple[int, ...] = (40, 60)
        self.dtype: Any = np.uint8
        self.unhang = threading.Event()
        self._said: list[Any] = []
        self._ready = threading.Condition()
        self._count = 0

    def say(self, *things: Any) -> None:
        with self._ready:
            self._said.extend(things)
            self._ready.notify_all()

    def __call__(self) -> Contents:
        if self.refuses is not None:
            raise self.refuses
        self.opened += 1
        return Contents(
            name="/dev/video7", pictures=self.pictures, count=None, times="live", close=self.close
        )

    def close(self) -> None:
        self.closed += 1

    def pictures(self) -> Generator[Picture, None, None]:
        while True:
            with self._ready:
                if not self._ready.wait_for(lambda: bool(self._said), PATIENCE_S):
                    return
                thing = self._said[0] if self._said[0] == "again" else self._said.pop(0)
            if isinstance(thing, Exception):
                raise thing
            if thing == "hang":
                self.hanging += 1
                self.unhang.wait(PATIENCE_S)
                continue
            level = 200 if thing == "again" else int(thing)
            pixels = np.full(self.shape, level, dtype=self.dtype)
            self._count += 1
            yield Picture(pixels=pixels, captured_ns=self._count, stamped=self.stamps)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.002)
