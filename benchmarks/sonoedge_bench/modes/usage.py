"""What a run costs: processor time, energy and memory, of this process and its worker."""

from __future__ import annotations

import time
from collections.abc import Callable

from sonoedge_bench.document.run import ProcessMemory
from sonoedge_bench.machine.conditions import Monitor
from sonoedge_bench.machine.energy import Energy
from sonoedge_bench.machine.process import cpu_ns, memory
from sonoedge_bench.modes.tape import Spent


class Usage:
    """Adds to a `Spent` what is used between `begin` and `end`; any number of times.

    A worker that was replaced in between has taken its clock with it: its time is then
    not known any more, and stays so.
    """

    def __init__(
        self,
        spent: Spent,
        worker: Callable[[], int | None],
        energy: Energy | None,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._spent, self._worker, self._energy, self._clock_ns = spent, worker, energy, clock_ns
        self._unknown = False
        self._pid: int | None = None
        self._before: tuple[int, int, int | None, float | None] = (0, 0, None, None)

    def begin(self) -> None:
        """Start counting."""
        self._pid = self._worker()
        self._before = (
            self._clock_ns(),
            cpu_ns() or 0,
            None if self._pid is None else cpu_ns(self._pid),
            None if self._energy is None else self._energy.joules(),
        )

    def end(self, frames: int) -> None:
        """Stop counting; `frames` were handled since `begin`."""
        wall, host, worker, joules = self._before
        spent = self._spent
        spent.wall_s += (self._clock_ns() - wall) / 1e9
        spent.host_cpu_s += ((cpu_ns() or 0) - host) / 1e9
        if worker is not None and self._pid is not None:
            end_ns = cpu_ns(self._pid) if self._worker() == self._pid else None
            self._unknown |= end_ns is None
            used_s = 0.0 if end_ns is None else (end_ns - worker) / 1e9
            spent.worker_cpu_s = None if self._unknown else (spent.worker_cpu_s or 0.0) + used_s
        if self._energy is not None and joules is not None:
            spent.joules = (spent.joules or 0.0) + self._energy.joules() - joules
            spent.joules_frames += frames


def memory_of(monitor: Monitor | None, worker: int | None) -> dict[str, ProcessMemory]:
    """Resident memory of this process ("host") and of its worker."""
    processes: dict[str, ProcessMemory] = {}
    for name, pid in (("host", "self"), ("worker", worker)):
        if pid is None:
            continue
        peak = memory(pid).peak
        steady = None if monitor is None else monitor.steady(f"{name}_rss_mib")
        processes[name] = ProcessMemory(
            peak=None if peak is None else round(peak, 1),
            steady=None if steady is None else round(steady, 1),
        )
    return processes
