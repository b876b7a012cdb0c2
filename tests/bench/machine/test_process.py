from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge_bench.machine.process import cpu_ns, memory

Write = Callable[..., None]


def test_memory_is_read_in_mebibytes_and_unknown_for_a_process_that_is_gone(
    tmp_path: Path, write: Write
) -> None:
    write("7/status", "Name:\tx\nVmHWM:\t  4096 kB\nVmRSS:\t 2048 kB\nRssAnon:\t 1024 kB\n")
    result = memory(7, tmp_path)
    assert (result.peak, result.rss, result.anonymous) == (4.0, 2.0, 1.0)
    gone = memory(8, tmp_path)
    assert (gone.peak, gone.rss, gone.anonymous) == (None, None, None)


def test_the_processor_time_of_another_process_is_its_own() -> None:
    mine = cpu_ns()
    assert mine is not None
    if cpu_ns(os.getpid()) is None:
        pytest.skip("this system has no such clock")
    program = "import time\nwhile time.process_time() < 0.2: pass\nprint(1, flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        used = cpu_ns(other.pid)
        other.communicate(b"\n")
    assert used is not None
    assert 0.2e9 <= used < 10e9
    assert cpu_ns(other.pid) is None
