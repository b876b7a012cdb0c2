"""How a program of this folder ends: after Ctrl-C, and with an error of sonoedge."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from sonoedge.errors import SonoedgeError
from sonoedge.terminal.termination import INTERRUPTED


class Stop:
    """Whether the user has asked to stop.

    Ctrl-C only asks: raised wherever it comes it would be lost in a hook that runs at a fork, and
    tear the weights of a step. The second one is raised.
    """

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Within it Ctrl-C asks; outside the main thread it does nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        own = os.getpid()

        def ask(number: int, where: FrameType | None) -> None:
            if os.getpid() != own:
                return  # a process that augments: it ends with this one
            if self.asked:
                raise KeyboardInterrupt
            self.asked = True
            print("stopping after this step; again: at once", file=sys.stderr, flush=True)

        before = signal.signal(signal.SIGINT, ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def interrupted() -> NoReturn:
    """End as a shell expects it of a program that was interrupted."""
    print("interrupted; the same command goes on after the last checkpoint", file=sys.stderr)
    sys.exit(INTERRUPTED)


def refused(error: SonoedgeError) -> NoReturn:
    """End with an error, as the verbs of sonoedge do."""
    print(f"{error.token}: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
