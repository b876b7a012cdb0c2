"""Cores for an engine's threads, one each."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path
from typing import Final

from sonoedge.errors import RuntimeUnavailable

TASKS: Final = Path("/proc/self/task")
TOPOLOGY: Final = Path("/sys/devices/system/cpu")
# Why a worker that was pinned is started again.
CORES_GONE: Final = "cores of its threads were taken away"


class CannotPin(RuntimeUnavailable):
    """Threads cannot be bound to cores here."""


def pinning_cores(threads: int, topology: Path = TOPOLOGY) -> tuple[int, ...]:
    """A core for each thread: of those that this thread may run on, no two of one physical core
    as long as there are others.

    Raises:
        CannotPin: it is one thread, there are too few cores, or this system binds no threads.
    """
    if threads < 2:
        raise CannotPin(
            "one thread needs no core of its own; leave placement out, or use two threads or more"
        )
    if not hasattr(os, "sched_setaffinity"):
        raise CannotPin("this system binds no threads to cores; use placement='free'")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < threads:
        raise CannotPin(
            f"{threads} threads cannot have a core each, as this process may run on {len(cores)}; "
            "use fewer threads, or placement='free'"
        )
    physical: dict[str, int] = {}
    for core in cores:
        physical.setdefault(_siblings(core, topology), core)
    first = sorted(physical.values())
    return tuple((first + [core for core in cores if core not in first])[:threads])


def _siblings(core: int, topology: Path) -> str:
    """The logical cores that are one physical core with this one, as the kernel lists them."""
    try:
        return (topology / f"cpu{core}/topology/thread_siblings_list").read_text().strip()
    except OSError:
        return str(core)


def thread_cores() -> dict[int, frozenset[int]]:
    """The cores that each thread of this process may run on, by the thread's id; empty where the
    kernel does not say."""
    cores: dict[int, frozenset[int]] = {}
    if not TASKS.is_dir():
        return cores
    for task in TASKS.iterdir():
        with contextlib.suppress(OSError):  # it has ended
            cores[int(task.name)] = frozenset(os.sched_getaffinity(int(task.name)))
    return cores


def bound_to(cores: tuple[int, ...], threads: frozenset[int], within_s: float = 1.0) -> bool:
    """Whether each of the cores has a thread of these that may run there alone.

    Args:
        within_s: seconds that they have for it: a thread that has just begun binds itself.
    """
    end_s = time.monotonic() + within_s
    while True:
        now = thread_cores()
        alone = {min(on) for thread, on in now.items() if thread in threads and len(on) == 1}
        if set(cores) <= alone:
            return True
        if time.monotonic() > end_s:
            return False
        time.sleep(0.005)


def release(threads: frozenset[int], cores: frozenset[int]) -> None:
    """Let threads that are bound to one core run on all of these again; not those of Python."""
    ours = {thread.native_id for thread in threading.enumerate()}
    for thread, on in thread_cores().items():
        if thread in threads and thread not in ours and len(on) == 1:
            with contextlib.suppress(OSError):  # it has ended, or the cores are gone
                os.sched_setaffinity(thread, cores)


def load_of_others(threads: int, loadavg: Path = Path("/proc/loadavg")) -> float | None:
    """The machine's load of the last minute, where it leaves an engine no room; else None.

    Such as from half a core on, where an engine has a thread for each core.
    """
    try:
        load = float(loadavg.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return load if load > (os.cpu_count() or 1) - threads + 0.5 else None
