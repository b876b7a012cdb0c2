"""One line of progress on a terminal; nothing anywhere else."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

_EVERY_NS = 100_000_000


class Progress:
    """A line that rewrites itself, at most ten times a second.

    Args:
        total: how many steps there are; None where nobody knows.
        stream: where to; stays silent unless it is a terminal.
        clock_ns: a monotonic clock in nanoseconds.
    """

    def __init__(
        self,
        total: int | None,
        stream: TextIO | None = None,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._total, self._clock_ns = total, clock_ns
        self._stream = sys.stderr if stream is None else stream
        self._on = self._stream.isatty()
        self._begin_ns = clock_ns()
        self._next_ns = self._begin_ns

    def show(self, done: int, note: str = "") -> None:
        """Say that `done` steps are done."""
        now_ns = self._clock_ns()
        if not self._on or (now_ns < self._next_ns and done != self._total):
            return
        self._next_ns = now_ns + _EVERY_NS
        seconds = (now_ns - self._begin_ns) / 1e9
        rate = f"{done / seconds:6.1f}/s" if seconds > 0 else ""
        if self._total:
            full = round(24 * min(1.0, done / self._total))
            words = f"[{'#' * full}{'.' * (24 - full)}] {done}/{self._total} {rate} {note}"
        else:
            words = f"{done} {rate} {note}"
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r\x1b[K{words[:width]}")
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._on:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
