"""SIGTERM as an exception, so that outputs are finished before the process ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

EXIT_CODE: Final = 128 + signal.SIGTERM
INTERRUPTED: Final = 128 + signal.SIGINT


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM): to be treated like Ctrl-C."""


@contextmanager
def termination() -> Iterator[None]:
    """Within it SIGTERM raises `Terminated` once; more of them change nothing.

    Outside the main thread, where no signal can be caught, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def raised(number: int, where: FrameType | None) -> None:
        # What is being finished now must not be cut short by an impatient sender.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Terminated

    before = signal.signal(signal.SIGTERM, raised)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)
