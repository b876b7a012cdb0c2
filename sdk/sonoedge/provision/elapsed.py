"""Something long says that it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

Say = Callable[[str], None]


class Elapsed:
    """Says each step of something long, and every few seconds that it goes on.

    Args:
        say: gets one line at a time.
        every_s: seconds of silence after which the last step is said again.
    """

    def __init__(self, title: str, say: Say, every_s: float = 10.0) -> None:
        self._title, self._say, self._every_s = title, say, every_s
        self._step = "begun"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._remind, daemon=True)
        self._start_s = time.monotonic()

    def step(self, name: str) -> None:
        """A step begins."""
        if name != self._step:
            self._step = name
            self._tell()

    def __enter__(self) -> Elapsed:
        self._tell()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._step = "done" if error is None else "failed"
        self._tell()

    def _remind(self) -> None:
        while not self._stop.wait(self._every_s):
            self._tell()

    def _tell(self) -> None:
        self._say(f"  {time.monotonic() - self._start_s:6.1f} s  {self._title}: {self._step}")
