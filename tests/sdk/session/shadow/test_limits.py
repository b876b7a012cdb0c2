from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from sonoedge.session.shadow.limits import PRIORITIES, limit_worker

if not hasattr(os, "SCHED_IDLE"):
    pytest.skip("needs Linux", allow_module_level=True)

GREEDY = """
import sys
sys.stdin.read(1)
try:
    kept = bytearray(2 << 30)  # nothing is written to it: no memory is used
except MemoryError:
    print("refused")
else:
    print("taken")
"""


@pytest.mark.parametrize(("memory_mb", "outcome"), [(100, "refused"), (4000, "taken")])
def test_a_worker_cannot_take_more_than_its_memory_and_is_ended_first(
    memory_mb: int, outcome: str
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", GREEDY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        limit_worker(process.pid, memory_mb << 20, "equal")
        assert Path(f"/proc/{process.pid}/oom_score_adj").read_text().strip() == "1000"
        most = (memory_mb << 20) + (1 << 30)
        assert resource.prlimit(process.pid, resource.RLIMIT_DATA) == (most, most)
        said, _ = process.communicate("\n", timeout=60)
    assert said.strip() == outcome


def test_priorities_are_those_of_the_kernel() -> None:
    own = os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0)
    expected = {"idle": (os.SCHED_IDLE, own[1]), "low": (own[0], 10), "equal": own}
    for priority in PRIORITIES:
        with subprocess.Popen([sys.executable, "-c", GREEDY], stdin=subprocess.PIPE) as process:
            limit_worker(process.pid, 1 << 30, priority)
            pid = process.pid
            actual = os.sched_getscheduler(pid), os.getpriority(os.PRIO_PROCESS, pid)
            process.kill()
        assert actual == expected[priority]


def test_a_process_that_is_gone_is_no_error() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    limit_worker(process.pid, 1 << 30, "idle")
