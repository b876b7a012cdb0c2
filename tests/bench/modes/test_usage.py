from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sonoedge_bench.machine.conditions import Monitor
from sonoedge_bench.machine.process import cpu_ns
from sonoedge_bench.modes import usage
from sonoedge_bench.modes.tape import Spent
from sonoedge_bench.modes.usage import Usage, memory_of


class Clocks:
    """Processor clocks of this process (None) and of workers, set by hand."""

    def __init__(self) -> None:
        self.ns: dict[int | None, int] = {None: 0, 7: 0, 8: 0}

    def __call__(self, pid: int | None = None) -> int | None:
        return self.ns.get(pid)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    monkeypatch.setattr(usage, "cpu_ns", made)
    return made


def test_what_is_used_is_summed_over_several_spans(clocks: Clocks, clock: Any) -> None:
    spent = Spent()
    meter = Usage(spent, lambda: 7, None, clock)
    for _ in range(2):
        meter.begin()
        clock.forward_ms(500)
        clocks.ns[None] += 100_000_000
        clocks.ns[7] += 300_000_000
        meter.end(15)
        clock.forward_ms(9_000)  # in between is nobody's
        clocks.ns[7] += 10**12
    assert spent.wall_s == pytest.approx(1.0)
    assert spent.host_cpu_s == pytest.approx(0.2)
    assert spent.worker_cpu_s == pytest.approx(0.6)
    assert spent.joules is None


def test_a_worker_that_was_replaced_takes_its_time_with_it(clocks: Clocks, clock: Any) -> None:
    spent, pids = Spent(), iter([7, 8, 8, 8])
    meter = Usage(spent, lambda: next(pids), None, clock)
    meter.begin()
    meter.end(1)
    assert spent.worker_cpu_s is None
    meter.begin()
    meter.end(1)
    assert spent.worker_cpu_s is None  # and stays unknown


def test_joules_are_a_difference_and_are_over_the_frames_told(clocks: Clocks, clock: Any) -> None:
    class Meter:
        name = "by hand"

        def joules(self) -> float:
            return 100.0 + clock() / 1e9

        def close(self) -> None:
            pass

    spent = Spent()
    meter = Usage(spent, lambda: None, Meter(), clock)
    meter.begin()
    clock.forward_ms(2_000)
    meter.end(40)
    assert (spent.joules, spent.joules_frames) == (pytest.approx(2.0), 40)


def test_memory_is_of_this_process_and_of_its_worker(
    tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitor = Monitor(lambda: os.getpid(), clock_ns=clock)
    for _ in range(4):
        monitor.sample()
    result = memory_of(monitor, os.getpid())
    if result["host"].peak is None:
        pytest.skip("this system does not say")
    assert set(result) == {"host", "worker"}
    assert result["worker"].peak == pytest.approx(result["host"].peak, abs=5)
    assert (result["host"].steady or 0) <= (result["host"].peak or 0)
    assert set(memory_of(None, None)) == {"host"}
    assert memory_of(None, None)["host"].steady is None
    assert cpu_ns() is not None
