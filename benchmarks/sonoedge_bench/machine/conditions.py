"""What the machine's clocks and sensors say: before, during and after a run."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge_bench.document.machine import MachineState
from sonoedge_bench.machine.clocks import boost, clock_domains, core_mhz, gpu_mhz
from sonoedge_bench.machine.other_work import account, cores_in_use
from sonoedge_bench.machine.process import memory
from sonoedge_bench.machine.thermal import temperatures_c, throttle_counts, throttled_by
from sonoedge_bench.table import Table

SYS: Final = Path("/sys")
PROC: Final = Path("/proc")
EVERY_S: Final = 1.0
COLUMNS: Final = (
    "t_s",
    "mhz_mean",
    "mhz_min",
    "temperature_max_c",
    "busy_cores",
    "stolen_cores",
    "host_rss_mib",
    "host_anonymous_mib",
    "worker_rss_mib",
    "worker_anonymous_mib",
)


def machine_state(sys: Path = SYS, proc: Path = PROC) -> MachineState:
    """At this moment; unknown is None or empty."""
    return MachineState(
        core_mhz=tuple(round(mhz, 1) for mhz in core_mhz(sys, proc)),
        clock_domains=clock_domains(sys),
        boost=boost(sys),
        gpu_mhz=gpu_mhz(sys),
        temperatures_c=temperatures_c(sys),
        throttle_counts=throttle_counts(sys),
        throttled_by=tuple(throttled_by(sys)),
        load=load(proc),
    )


def throttling(before: MachineState, after: MachineState, during: Sequence[str]) -> tuple[str, ...]:
    """What slowed the machine down in between; empty where nothing is known to have."""
    events = [
        f"{name}: {count - before.throttle_counts[name]} events"
        for name, count in after.throttle_counts.items()
        if count > before.throttle_counts.get(name, count)
    ]
    active = [*before.throttled_by, *during, *after.throttled_by]
    return (*events, *dict.fromkeys(active))


def load(proc: Path = PROC) -> float | None:
    """Processes that ran or wanted to, mean of the last minute."""
    try:
        return float((proc / "loadavg").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


class Monitor:
    """Samples once a second, on a thread, while a run goes on.

    It costs the measured process one or two milliseconds a second.

    Args:
        worker: the worker's process id at this moment, or None.
        capacity: samples to take memory for beforehand.
    """

    def __init__(
        self,
        worker: Callable[[], int | None] = lambda: None,
        *,
        every_s: float = EVERY_S,
        capacity: int = 1024,
        sys: Path = SYS,
        proc: Path = PROC,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._worker, self._every_s, self._sys, self._proc = worker, every_s, sys, proc
        self._clock_ns = clock_ns
        self._rows = Table(COLUMNS, capacity)
        self._throttled: dict[str, None] = {}
        self._stop = threading.Event()
        self._began_ns = clock_ns()
        self._account = account(proc, at_s=self._began_ns / 1e9)
        self._thread = threading.Thread(target=self._run, name="sonoedge-monitor", daemon=True)

    def __enter__(self) -> Monitor:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def sample(self) -> None:
        """Take one now."""
        mhz, warm = core_mhz(self._sys, self._proc), temperatures_c(self._sys)
        host = memory("self" if self._proc == PROC else os.getpid(), self._proc)
        pid = self._worker()
        worker = None if pid is None else memory(pid, self._proc)
        self._throttled |= dict.fromkeys(throttled_by(self._sys))
        cpu_account = account(self._proc, at_s=self._clock_ns() / 1e9)
        busy, stolen = cores_in_use(self._account, cpu_account)
        self._account = cpu_account
        self._rows.add(
            {
                "t_s": (self._clock_ns() - self._began_ns) / 1e9,
                "mhz_mean": sum(mhz) / len(mhz) if mhz else None,
                "mhz_min": min(mhz) if mhz else None,
                "temperature_max_c": max(warm.values()) if warm else None,
                "busy_cores": busy,
                "stolen_cores": stolen,
                "host_rss_mib": host.rss,
                "host_anonymous_mib": host.anonymous,
                "worker_rss_mib": None if worker is None else worker.rss,
                "worker_anonymous_mib": None if worker is None else worker.anonymous,
            }
        )

    @property
    def throttled_by(self) -> list[str]:
        """What limited the clocks at some sample."""
        return list(self._throttled)

    def columns(self) -> dict[str, tuple[float | None, ...]]:
        """The samples, by name; what is never known is left out."""
        return self._rows.plain(3)

    def values(self, name: str) -> npt.NDArray[np.float64]:
        """One column, float64 (N,); NaN where not known."""
        return self._rows.column(name)

    def steady(self, name: str) -> float | None:
        """Median of the second half of a column's samples; None where they are not known."""
        values = self._rows.column(name)
        later = values[len(values) // 2 :]
        later = later[~np.isnan(later)]
        return float(np.median(later)) if len(later) else None

    def _run(self) -> None:
        self.sample()
        while not self._stop.wait(self._every_s):
            self.sample()
