from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge_bench.document.machine import OtherWork
from sonoedge_bench.machine.other_work import account, other_work


def test_what_others_used_is_what_was_busy_less_what_was_ours(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    second = os.sysconf("SC_CLK_TCK")

    def stat(user: float, nice: float, steal: float) -> None:
        ticks = [user, nice, 1, 500, 7, 0, 0, steal, 0, 0]
        write("stat", "cpu  " + " ".join(str(int(t * second)) for t in ticks) + "\ncpu0 1 2\n")

    stat(10, 0, 3)
    before = account(tmp_path, own_s=lambda: 4.0, at_s=100.0)
    stat(18, 7, 4)
    after = account(tmp_path, own_s=lambda: 9.0, at_s=110.0)
    result = other_work(before, after)
    assert result.other_cores == pytest.approx(1.0)  # 15 s busy, 5 of them ours, in 10 s
    assert result.stolen_cores == pytest.approx(0.1)
    assert other_work(after, after) == OtherWork(other_cores=None, stolen_cores=None)


def test_a_system_that_does_not_say_is_not_made_up_for(tmp_path: Path) -> None:
    one, two = account(tmp_path, at_s=0.0), account(tmp_path, at_s=1.0)
    assert other_work(one, two) == OtherWork(other_cores=None, stolen_cores=None)
