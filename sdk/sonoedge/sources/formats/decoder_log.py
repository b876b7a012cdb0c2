"""What a native decoder prints while it decodes one frame."""

from __future__ import annotations

import os
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

    def call(self, function: Callable[[], T]) -> tuple[T, bytes]:
        """The function's result, and what was printed while it ran."""
        before = os.dup(2)
        try:
            os.dup2(self._write, 2)
            try:
                result = function()
            finally:
                os.dup2(before, 2)
            return result, self._take(before)
        finally:
            os.close(before)

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._read)
        os.close(self._write)

    def _take(self, before: int) -> bytes:
        try:
            text = os.read(self._read, _MOST_BYTES)
        except BlockingIOError:
            return b""
        os.write(before, text)
        return text
