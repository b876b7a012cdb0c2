from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from sonoedge_bench.reliability.processes import (
    alive,
    children,
    descriptors,
    memories,
    remaining,
    threads,
)

if not hasattr(os, "memfd_create"):
    pytest.skip("needs Linux", allow_module_level=True)
HOLDS = """
import mmap, os, sys
fd = os.memfd_create("sonoedge-test")
os.ftruncate(fd, 4096)
memory = mmap.mmap(fd, 4096)
print(os.fstat(fd).st_ino, flush=True)
os.close(fd)
sys.stdin.readline()
"""


def test_a_memory_that_is_mapped_alone_counts_until_its_process_has_ended() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        inode = int(process.stdout.readline())
        assert inode in memories(process.pid)
        assert process.pid in children(os.getpid())
        assert alive(process.pid)
        assert remaining({inode}) >= 1
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not alive(process.pid)  # it has ended, and was not waited for
    assert inode not in memories(process.pid)


def test_descriptors_and_threads_are_counted() -> None:
    before = descriptors(os.getpid()), threads(os.getpid())
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    fd = os.open(os.devnull, os.O_RDONLY)
    try:
        assert (descriptors(os.getpid()), threads(os.getpid())) == (before[0] + 1, before[1] + 1)
    finally:
        os.close(fd)
        ended.set()
        thread.join()
