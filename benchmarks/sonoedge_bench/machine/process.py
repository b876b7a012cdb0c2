"""Processor time and memory of a process, this one or a worker."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Memory of a process in MiB; None where the system does not say.

    Attributes:
        rss: resident: its own and what it shares.
        anonymous: resident and its own alone: what a leak makes grow.
        peak: the most that was ever resident.
    """

    rss: float | None = None
    anonymous: float | None = None
    peak: float | None = None


def memory(pid: int | str = "self", proc: Path = PROC) -> Memory:
    """A process's memory now; all None where there is no such process."""
    values: dict[str, float] = {}
    names = {"VmRSS": "rss", "RssAnon": "anonymous", "VmHWM": "peak"}
    try:
        for line in (proc / str(pid) / "status").read_text().splitlines():
            key, _, value = line.partition(":")
            if key in names:
                values[names[key]] = int(value.split()[0]) / 1024
    except (OSError, ValueError, IndexError):
        return Memory()
    return Memory(**values)


def cpu_ns(pid: int | None = None) -> int | None:
    """Processor time of all threads of a process since it began, user and kernel, nanoseconds.

    None for this process. Another process's clock is addressed as clock_getcpuclockid(3)
    does on Linux: the inverted process id above three bits that say "scheduler's time".
    None comes back where there is no such process, or the system has no such clock.
    """
    if pid is None:
        return time.process_time_ns()
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except (OSError, AttributeError, OverflowError):
        return None
