"""What a native decoder prints while it decodes one frame."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

_MOST_BYTES: Final = 1 << 16  # what a pipe has room for


class DecoderLog:
    """Takes standard error while a call runs.

    FFmpeg tells of frames that it could not convert there and nowhere else; OpenCV
    reports them as read. The descriptor is the whole process's: what other threads print
    meanwhile is passed on, as is the decoder's own text.
    """

    def __init__(self) -> None:
        # A pipe: the process may not be allowed to write files. Text beyond its room is lost.
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def call(
        self, function: Callable[[], T], *, dropped: re.Pattern[bytes] | None = None
    ) -> tuple[T, bytes]:
        """The function's result, and what was printed while it ran.

        Args:
            function: the call.
            dropped: lines that it fits at their beginning are not passed on.
        """
        before = os.dup(2)
        try:
            os.dup2(self._write, 2)
            try:
                result = function()
            finally:
                os.dup2(before, 2)
            return result, self._take(before, dropped)
        finally:
            os.close(before)

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._read)
        os.close(self._write)

    def _take(self, before: int, dropped: re.Pattern[bytes] | None) -> bytes:
        try:
            text = os.read(self._read, _MOST_BYTES)
        except BlockingIOError:
            return b""
        lines = text.splitlines(keepends=True)
        os.write(before, b"".join(line for line in lines if not (dropped and dropped.match(line))))
        return text
