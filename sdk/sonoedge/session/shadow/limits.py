"""What keeps a candidate's worker from costing the rest of the machine anything."""

from __future__ import annotations

import contextlib
import os
import resource
from pathlib import Path
from typing import Final, Literal, get_args

# More may be mapped for writing than used, by so much: threads' stacks and what allocators keep
# count as well. What is used is watched; this stops what would be taken between two looks.
MAPPED_BEYOND_USED: Final = 1 << 30
FIRST_TO_BE_KILLED: Final = "1000"
LOW_NICENESS: Final = 10

Priority = Literal["idle", "low", "equal"]
PRIORITIES: Final[tuple[Priority, ...]] = get_args(Priority)


def limit_worker(pid: int, memory_bytes: int, priority: Priority) -> None:
    """Put a worker behind others: for the processors, for memory, and when that runs out.

    It cannot map more than a GiB above `memory_bytes`, and is what the kernel ends first. What
    a system refuses is left as it is.

    Args:
        pid: a process of our own that has just been started: its threads inherit all this.
        memory_bytes: private memory that it may use.
        priority: "idle" runs where nothing else wants to (SCHED_IDLE), "low" with a niceness
            of 10, "equal" as this process.
    """
    most = memory_bytes + MAPPED_BEYOND_USED
    with contextlib.suppress(OSError):
        if priority == "idle":
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
        elif priority == "low":
            os.setpriority(os.PRIO_PROCESS, pid, LOW_NICENESS)
    with contextlib.suppress(OSError, ValueError):
        resource.prlimit(pid, resource.RLIMIT_DATA, (most, most))
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(FIRST_TO_BE_KILLED)
