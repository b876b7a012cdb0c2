from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("peer_modules")


def test_who_begins_and_what_comes_first_take_turns() -> None:
    from turns import COLUMNS, WARM_UP, turns

    calls: list[str] = []

    class Noted:
        engine_ms = 0.0

        def __init__(self, name: str) -> None:
            self.name = name

        def prepare(self, picture: object) -> None:
            calls.append(f"{self.name} prepare")

        def bare(self) -> None:
            calls.append(f"{self.name} bare")

        def regions(self, picture: object) -> None:
            calls.append(f"{self.name} regions")

    done: list[int] = []
    picture = np.zeros((4, 4), dtype=np.uint8)
    samples = turns([Noted("a"), Noted("b")], [picture], 2, done.append)  # type: ignore[list-item]
    assert calls[:8] == [
        *("a prepare", "a bare", "a regions", "a bare"),
        *("b prepare", "b bare", "b regions", "b bare"),
    ]
    assert calls[8:16] == [
        *("b prepare", "b bare", "b bare", "b regions"),
        *("a prepare", "a bare", "a bare", "a regions"),
    ]
    assert done == list(range(1, WARM_UP + 3))
    assert [len(rows) for rows in samples] == [2, 2]
    for total, bare, cpu, around in samples[0] + samples[1]:
        assert min(bare, cpu) >= 0
        assert around == total  # the engine said that it took nothing
    assert COLUMNS == ("total", "bare", "cpu", "around")
