"""Lines that rewrite themselves on a terminal; a line now and then anywhere else."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final, TextIO

_EVERY_NS: Final = 100_000_000
_ELSEWHERE_NS: Final = 5_000_000_000
_PLAIN: Final = "\x1b[0m"
COLOURS: Final = {"good": "\x1b[32m", "look": "\x1b[33m", "bad": "\x1b[31m", "quiet": "\x1b[2m"}

# (text, colour's name or "")
Line = tuple[str, str]


class Screen:
    """A block of lines, redrawn at most ten times a second.

    Where the stream is no terminal, the first line alone is written, every five seconds
    and whenever it changes its first word: a log stays readable.

    Args:
        stream: where to; a terminal that says so.
        clock_ns: a monotonic clock in nanoseconds.
    """

    def __init__(
        self, stream: TextIO | None = None, clock_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._clock_ns = clock_ns
        self._terminal = self._stream.isatty()
        self._next_ns = clock_ns()
        self._height = 0
        self._word = ""

    def due(self) -> bool:
        """Whether `show` would draw now; lines need not be made before."""
        return self._clock_ns() >= self._next_ns or not self._terminal

    def show(self, lines: Sequence[Line], *, last: bool = False) -> None:
        """Draw the lines in place of those before; `last` draws in any case."""
        now_ns = self._clock_ns()
        if not self._terminal:
            self._log(lines[0][0], now_ns, last)
            return
        if now_ns < self._next_ns and not last:
            return
        self._next_ns = now_ns + _EVERY_NS
        columns, rows = shutil.get_terminal_size()
        visible = [(text[: columns - 1], colour) for text, colour in lines[: max(1, rows - 1)]]
        drawn = "".join(
            f"{COLOURS[colour]}{text}{_PLAIN}\x1b[K\n" if colour else f"{text}\x1b[K\n"
            for text, colour in visible
        )
        # Up to the block's first line; what is left of a longer block goes.
        up = f"\x1b[{self._height}A" if self._height else ""
        self._stream.write(f"{up}\r{drawn}\x1b[J")
        self._stream.flush()
        self._height = len(visible)

    def _log(self, text: str, now_ns: int, last: bool) -> None:
        word = text.split(" ", 1)[0]
        if now_ns >= self._next_ns or word != self._word or (last and not self._word):
            self._next_ns, self._word = now_ns + _ELSEWHERE_NS, word
            self._stream.write(text + "\n")
            self._stream.flush()
