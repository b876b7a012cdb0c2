from __future__ import annotations

import select

import pytest

from sonoedge.session.wakeup import Wakeup


@pytest.fixture
def bell() -> Wakeup:
    return Wakeup()


def heard(bell: Wakeup) -> bool:
    poll = select.poll()
    poll.register(bell.fd, select.POLLIN)
    return bool(poll.poll(0))


def test_it_is_heard_until_it_is_cleared_and_can_be_rung_again(bell: Wakeup) -> None:
    assert not heard(bell)
    for _ in range(2):
        bell.ring()
        bell.ring()
        assert heard(bell)
        bell.clear()
        assert not heard(bell)
    bell.close()


def test_clearing_what_was_not_rung_is_harmless(bell: Wakeup) -> None:
    bell.clear()
    bell.ring()
    assert heard(bell)
    bell.close()


def test_it_never_fills_however_often_it_is_rung(bell: Wakeup) -> None:
    for _ in range(200_000):  # a pipe holds 65,536
        bell.ring()
    bell.clear()
    assert not heard(bell)
    bell.close()


def test_ringing_a_closed_bell_touches_no_file(bell: Wakeup) -> None:
    bell.close()
    bell.ring()
