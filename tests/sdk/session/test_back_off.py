"""Pauses grow, end, and begin anew."""

from __future__ import annotations

from sonoedge.session.back_off import FIRST_NS, LONGEST_NS, BackOff

MS = 1_000_000


def test_pauses_double_up_to_the_longest() -> None:
    back_off = BackOff()
    assert [back_off.failed(0) // MS for _ in range(8)] == [
        50,
        100,
        200,
        400,
        800,
        1600,
        2000,
        2000,
    ]
    assert back_off.left_ns(500 * MS) == LONGEST_NS - 500 * MS


def test_a_try_is_due_at_first_and_when_the_pause_is_over() -> None:
    back_off = BackOff()
    assert back_off.due(0)
    back_off.failed(10)
    assert not back_off.due(10 + FIRST_NS - 1)
    assert back_off.due(10 + FIRST_NS)
    assert back_off.left_ns(10 + FIRST_NS) == 0


def test_success_makes_the_next_failure_a_first_one() -> None:
    back_off = BackOff()
    back_off.failed(0)
    back_off.failed(0)
    back_off.succeeded()
    assert back_off.due(0)
    assert back_off.failed(0) == FIRST_NS
