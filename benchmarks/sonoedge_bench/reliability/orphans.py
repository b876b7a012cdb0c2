"""What is left when the host is killed: no process, and nothing in shared memory."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.drive import wait_until
from sonoedge_bench.reliability.figures import Figure, quantile

HOST = """
import sys
import sonoedge
from sonoedge_bench.reliability.drive import frame
session = sonoedge.live(sys.argv[1], wait=False, runtime=sys.argv[2], standby=sys.argv[3] == "1")
print("started", flush=True)
number = 0
while True:
    session.submit(frame(number % 8))
    session.drain(1)
    number += 1
"""

GONE_WITHIN_S = 2.0


def orphans(context: Context) -> list[Figure]:
    """Kills hosts at random moments, half of them with a standby."""
    many = context.count(200, 4)
    before = _shared_memory()
    with ThreadPoolExecutor(2) as pool:
        each = list(pool.map(lambda n: _kill_one(context, n), range(many)))
    workers = [w for found, _, _ in each for w in found]
    left = sum(n for _, n, _ in each)
    return [
        Figure(name="hosts killed with SIGKILL", value=many),
        Figure(name="workers that they had", value=len(workers)),
        Figure(name=f"workers alive {GONE_WITHIN_S:g} s later", value=left, limit=0),
        quantile("last worker gone after", [ms for _, _, ms in each], 100, "ms"),
        Figure(name="left in shared memory", value=len(_shared_memory() - before), limit=0),
    ]


def _kill_one(context: Context, number: int) -> tuple[list[int], int, float]:
    """The workers of a killed host, how many outlive it, and how long the last one took."""
    host = subprocess.Popen(
        [sys.executable, "-c", HOST, str(context.small), context.runtime, str(number % 2)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    with host:
        if host.stdout is not None:
            host.stdout.readline()
        time.sleep(random.Random(number).uniform(0.0, 1.2))
        workers = _children(host.pid)
        os.kill(host.pid, signal.SIGKILL)
        began = time.perf_counter_ns()
        host.wait()
    wait_until(lambda: not any(_alive(w) for w in workers), GONE_WITHIN_S)
    ms = (time.perf_counter_ns() - began) / 1e6
    return workers, sum(_alive(w) for w in workers), ms


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(n) for n in (task / "children").read_text().split()]
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _shared_memory() -> set[str]:
    """Files in /dev/shm, and frame memories that some process still holds."""
    shm = Path("/dev/shm")
    found = {str(p) for p in shm.iterdir()} if shm.is_dir() else set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if "sonoedge-frame" in target and str(os.getpid()) != link.parts[2]:
            found.add(str(link))
    return found
