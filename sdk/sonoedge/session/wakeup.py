"""A bell: any thread rings it, one thread's `poll` hears it."""

from __future__ import annotations

import contextlib
import os
import threading

from sonoedge.descriptors import pipe


class Wakeup:
    """A pipe that holds one byte at most, however often it is rung.

    Attributes:
        fd: becomes readable when the bell is rung.
    """

    def __init__(self) -> None:
        self.fd, self._writer = pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(self._writer, False)
        self._lock = threading.Lock()  # or a closed bell's number might be another file's by now
        self._pending = False

    def ring(self) -> None:
        """Any thread may call this, after closing too; it never waits."""
        with self._lock:
            if not self._pending:
                self._pending = True
                os.write(self._writer, b"!")

    def clear(self) -> None:
        """Heard: call it before looking for what it was rung for."""
        with self._lock, contextlib.suppress(BlockingIOError):
            self._pending = False
            os.read(self.fd, 1)

    def close(self) -> None:
        """Nobody hears it any more."""
        with self._lock:
            self._pending = True  # for ever: nobody rings it either
            os.close(self.fd)
            os.close(self._writer)
