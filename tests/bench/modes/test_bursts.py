"""modes/bursts.py"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sonoedge_bench.modes.bursts import in_bursts
from sonoedge_bench.modes.tape import Tape


def test_several_take_turns_of_the_same_numbers_and_the_first_of_each_burst_does_not_count(
    tape: Callable[..., Tape],
) -> None:
    calls: list[tuple[str, int, bool]] = []

    def turn_of(name: str) -> Callable[..., None]:
        return lambda number, *, counts: calls.append((name, number, counts))

    subjects = [(tape(), turn_of(name)) for name in "ab"]
    in_bursts(subjects, turns=3, warm_up=1, burst=2)
    assert calls == [
        ("a", 0, False), ("b", 0, False),
        ("a", 1, False), ("a", 2, True), ("a", 3, True),
        ("b", 1, False), ("b", 2, True), ("b", 3, True),
        ("a", 4, False), ("a", 5, True),
        ("b", 4, False), ("b", 5, True),
    ]  # fmt: skip


def test_one_alone_has_no_burst_whose_first_turn_does_not_count(tape: Callable[..., Tape]) -> None:
    calls: list[tuple[int, bool]] = []
    in_bursts(
        [(tape(), lambda number, *, counts: calls.append((number, counts)))],
        turns=3, warm_up=1, burst=2,
    )  # fmt: skip
    assert calls == [(0, False), (1, True), (2, True), (3, True)]


def test_energy_is_that_of_the_turns_that_count(clock: Any, tape: Callable[..., Tape]) -> None:
    class Meter:
        name = "by hand"

        def joules(self) -> float:
            return clock() / 1e9  # one watt

        def close(self) -> None:
            pass

    recorded = tape()
    turn = (recorded, lambda number, *, counts: clock.forward_ms(400))
    in_bursts([turn], turns=4, warm_up=7, burst=2, energy=Meter())
    assert recorded.spent.joules == pytest.approx(4 * 0.4)
    assert recorded.spent.joules_frames == 4
