from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from sonoedge.session.engine_poll import EnginePoll
from sonoedge.session.wakeup import Wakeup


class Piped:
    """An engine that answers by a pipe."""

    def __init__(self) -> None:
        self.read_fd, self.write_fd = os.pipe()

    @property
    def watch(self) -> tuple[int, ...]:
        return (self.read_fd,)

    def answer(self) -> None:
        os.write(self.write_fd, b"x")

    def close(self) -> None:
        os.close(self.read_fd)
        os.close(self.write_fd)


@pytest.fixture
def bell() -> Iterator[Wakeup]:
    wakeup = Wakeup()
    yield wakeup
    wakeup.close()


@pytest.fixture
def engine() -> Iterator[Any]:
    piped = Piped()
    yield piped
    piped.close()


def test_the_bell_ends_the_wait_and_is_no_answer(bell: Wakeup, engine: Any) -> None:
    poll = EnginePoll(bell)
    bell.ring()
    assert not poll.wait(engine, busy=False, timeout_ms=60_000)
    assert not poll.wait(engine, busy=False, timeout_ms=0)  # it was cleared


def test_an_answer_ends_the_wait_of_a_busy_engine_and_the_bell_does_not(
    bell: Wakeup, engine: Any
) -> None:
    poll = EnginePoll(bell)
    bell.ring()
    assert not poll.wait(engine, busy=True, timeout_ms=1)
    engine.answer()
    assert poll.wait(engine, busy=True, timeout_ms=60_000)


def test_another_engine_is_watched_in_place_of_the_one_before(bell: Wakeup, engine: Any) -> None:
    poll = EnginePoll(bell)
    engine.answer()
    assert poll.wait(engine, busy=True, timeout_ms=0)
    other: Any = Piped()
    assert not poll.wait(other, busy=True, timeout_ms=0)
    assert not poll.wait(None, busy=False, timeout_ms=0)
    other.close()
