"""How much of the processor others have used meanwhile: other processes, and other machines."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sonoedge_bench.document.machine import OtherWork

PROC: Final = Path("/proc")
BUSY: Final = 0.05  # cores that others may use of an idle machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Processor seconds since some moment in the past; None where the system does not say.

    Attributes:
        at_s: the monotonic clock.
        busy_s: of all processes on all cores.
        stolen_s: that the hypervisor gave to another machine while this one wanted to run.
        own_s: of this process and of its children that have ended.
    """

    at_s: float
    busy_s: float | None
    stolen_s: float | None
    own_s: float


def account(
    proc: Path = PROC, *, own_s: Callable[[], float] | None = None, at_s: float | None = None
) -> Account:
    """The account as it stands, from /proc/stat (proc(5)) and times(2)."""
    busy = stolen = None
    try:
        fields = (proc / "stat").read_text().partition("\n")[0].split()
        ticks = [int(word) for word in fields[1:]]
        second = os.sysconf("SC_CLK_TCK")
        # user (with guests), nice, system, idle, iowait, irq, softirq, steal
        busy = (sum(ticks[0:3]) + sum(ticks[5:7])) / second
        stolen = ticks[7] / second
    except (OSError, ValueError, IndexError):
        pass
    return Account(
        at_s=time.monotonic() if at_s is None else at_s,
        busy_s=busy,
        stolen_s=stolen,
        own_s=_own_s() if own_s is None else own_s(),
    )


def other_work(before: Account, after: Account) -> OtherWork:
    """Cores in use on average between two accounts: by others here, and lost to other machines."""
    span, (busy, stolen) = after.at_s - before.at_s, cores_in_use(before, after)
    own_cores = 0.0 if span <= 0 else (after.own_s - before.own_s) / span
    return OtherWork(
        other_cores=None if busy is None else round(max(0.0, busy - own_cores), 3),
        stolen_cores=None if stolen is None else round(stolen, 3),
    )


def cores_in_use(before: Account, after: Account) -> tuple[float | None, float | None]:
    """Cores in use on average between two accounts: by all processes here, and stolen."""
    span = after.at_s - before.at_s

    def rate(first: float | None, second: float | None) -> float | None:
        if first is None or second is None or span <= 0:
            return None
        return max(0.0, (second - first) / span)

    return rate(before.busy_s, after.busy_s), rate(before.stolen_s, after.stolen_s)


def _own_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
