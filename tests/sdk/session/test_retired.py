from __future__ import annotations

from typing import Any

from sonoedge.session.retired import RetiredEngines


class Ending:
    """An engine that has ended when it was asked so often; one that nothing ends says so."""

    def __init__(self, asked: int, *, can_end: bool = True) -> None:
        self._left, self._can_end = asked, can_end

    def kill(self) -> bool:
        return self._can_end

    def has_ended(self) -> bool:
        self._left -= 1
        return self._left <= 0


def _engine(asked: int, *, can_end: bool = True) -> Any:
    return Ending(asked, can_end=can_end)


def test_engines_are_forgotten_when_they_have_ended() -> None:
    retired = RetiredEngines()
    retired.add(_engine(1))
    retired.add(_engine(2))
    assert [retired.sweep(), retired.sweep()] == [False, True]


def test_waiting_ends_with_the_last_of_them() -> None:
    retired = RetiredEngines()
    retired.add(_engine(3))
    retired.wait()
    assert retired.sweep()


def test_an_engine_that_cannot_be_ended_is_not_waited_for() -> None:
    retired = RetiredEngines()
    retired.add(_engine(10**9, can_end=False))
    assert retired.sweep()
