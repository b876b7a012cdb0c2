"""What the session's own thread does when no worker can be started."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sonoedge
from sonoedge import Analysed, EngineOptions, State
from sonoedge.errors import EngineCrashed
from sonoedge.session.worker import process
from sonoedge_bench.reliability.drive import frame, wait_until

TEST_DOUBLES = EngineOptions(test_doubles=True)
Faulty = Callable[..., Path]


class Scarce:
    """A `Popen` that fails for want of descriptors while `left` is above 0."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = 0
        self.tries = 0
        self._popen = process.subprocess.Popen
        monkeypatch.setattr(process.subprocess, "Popen", self)

    def __call__(self, *args: Any, **more: Any) -> Any:
        self.tries += 1
        if self.left:
            self.left -= 1
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return self._popen(*args, **more)


def test_want_of_descriptors_is_waited_out_and_is_no_death(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    scarce = Scarce(monkeypatch)
    with sonoedge.live(faulty(), max_age_ms=60_000, engine=TEST_DOUBLES) as session:
        scarce.left, scarce.tries = 6, 0  # five deaths would latch FAULT
        os.kill(session.worker_pid or 0, signal.SIGKILL)
        assert wait_until(lambda: scarce.left < 4)
        assert session.status().state is State.UNAVAILABLE
        assert session.status().reasons == ("ENGINE_FAILED",)
        assert wait_until(lambda: session.status().state is State.READY)
        assert scarce.tries == 7
        assert session.status().deaths == 1
        session.submit(frame())
        assert session.drain(30)
        assert isinstance(session.latest(), Analysed)


def test_a_first_worker_that_cannot_be_started_is_a_typed_error(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    scarce = Scarce(monkeypatch)
    scarce.left = 1000
    with pytest.raises(EngineCrashed, match="no worker can be started: Too many open files"):
        sonoedge.live(faulty(), engine=TEST_DOUBLES)


def test_a_standby_that_cannot_be_started_costs_the_session_nothing(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    scarce = Scarce(monkeypatch)
    session = sonoedge.live(
        faulty(), max_age_ms=60_000, standby=True, wait=False, engine=TEST_DOUBLES
    )
    with session:
        assert wait_until(lambda: scarce.tries == 1)
        scarce.left = 1
        assert wait_until(lambda: scarce.tries >= 2 and scarce.left == 0)
        session.submit(frame())
        assert session.drain(30)
        assert isinstance(session.latest(), Analysed)
        assert session.status().state is State.READY
        assert wait_until(lambda: scarce.tries == 3)  # the standby is tried again later
