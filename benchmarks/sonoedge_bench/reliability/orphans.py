"""What is left when the host is killed: no process, and nothing in shared memory."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.drive import wait_until
from sonoedge_bench.reliability.figures import Figure, quantile
from sonoedge_bench.reliability.processes import alive, children, memories, remaining

HOST = """
import sys
import sonoedge
from sonoedge_bench.reliability.drive import frame
session = sonoedge.live(
    sys.argv[1],
    wait=False,
    engine=sonoedge.EngineOptions(runtime=sys.argv[2]),
    standby=sys.argv[3] == "1",
)
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
    count = context.count(200, 4)
    with ThreadPoolExecutor(2) as pool:
        hosts = list(pool.map(lambda n: _kill_one(context, n), range(count)))
    workers = [w for host in hosts for w in host.workers]
    held = {m for host in hosts for m in host.memories}
    survivors = sum(host.alive for host in hosts)
    return [
        Figure(name="hosts killed with SIGKILL", value=count),
        Figure(name="workers that they had", value=len(workers)),
        Figure(name=f"workers alive {GONE_WITHIN_S:g} s later", value=survivors, limit=0),
        quantile("last worker gone after", [host.gone_ms for host in hosts], 100, "ms"),
        Figure(name="frame memories that they had", value=len(held)),
        Figure(name="left in shared memory", value=remaining(held), limit=0),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Killed:
    """One host.

    Attributes:
        workers: its workers' process ids.
        memories: inodes of its frame memories.
        alive: workers that outlive it.
        gone_ms: until the last worker was gone.
    """

    workers: list[int]
    memories: set[int]
    alive: int
    gone_ms: float


def _kill_one(context: Context, number: int) -> _Killed:
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
        workers, held = children(host.pid), memories(host.pid)
        os.kill(host.pid, signal.SIGKILL)
        start = time.perf_counter_ns()
        host.wait()
    wait_until(lambda: not any(alive(w) for w in workers), GONE_WITHIN_S)
    ms = (time.perf_counter_ns() - start) / 1e6
    survivors = sum(alive(w) for w in workers)
    return _Killed(workers=workers, memories=held, alive=survivors, gone_ms=ms)
