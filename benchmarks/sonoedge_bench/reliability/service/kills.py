"""SIGKILL of hosts and of services, a hundred times each; how soon nothing is valid any more."""

from __future__ import annotations

import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sonoedge.errors import EngineFailed
from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.drive import wait_until
from sonoedge_bench.reliability.figures import Figure, quantile
from sonoedge_bench.reliability.processes import (
    alive,
    children,
    descriptors,
    memories,
    remaining,
    threads,
)
from sonoedge_bench.reliability.service.host import build_host
from sonoedge_bench.reliability.service.serving import serving

GONE_WITHIN_S: Final = 2.0
VALID_MS: Final = 250.0
HAD: Final = ("descriptors", "threads", "memories")  # as `_what_it_has` gives them


def service_kills(context: Context) -> list[Figure]:
    """Hosts of one service, then services of one host."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        host = build_host(folder)
        return [
            *_hosts(context, host, folder / "so.sock"),
            *_services(context, host, folder / "so.sock"),
            *_stops(context, host, folder / "so.sock"),
        ]


def _hosts(context: Context, program: Path, path: Path) -> list[Figure]:
    """What is left of killed hosts in the service."""
    count, held = context.count(100, 3), set[int]()
    with serving(context.small, context.runtime, path) as service:
        for number in range(2):  # so that what is made once is there
            held |= _feed_and_kill(program, path, service.pid, number)
        _settled(service.pid, ())
        before = _what_it_has(service.pid)
        for number in range(count):
            held |= _feed_and_kill(program, path, service.pid, number)
        after = _settled(service.pid, before)
        left = remaining(held)
    return [
        Figure(name="hosts killed with SIGKILL", value=count),
        Figure(name="rings and pages that they had", value=len(held)),
        *(
            Figure(name=f"more {each} of the service", value=b - a, limit=0)
            for each, a, b in zip(HAD, before, after, strict=True)
        ),
        Figure(name="rings and pages left", value=left, limit=0),
    ]


def _feed_and_kill(program: Path, path: Path, service: int, number: int) -> set[int]:
    """Let a host send frames and kill it; gives the ring and the page that it had."""
    with _running(program, "feed", path) as host:
        _line(host)  # its first result
        time.sleep(random.Random(number).uniform(0.0, 0.1))
        held = memories(host.pid)
        host.kill()
        host.wait()
    return held


def _what_it_has(pid: int) -> tuple[int, int, int]:
    return descriptors(pid), threads(pid), len(memories(pid))


def _looks(pid: int, count: int) -> Iterator[tuple[int, int, int]]:
    for _ in range(count):
        yield _what_it_has(pid)
        time.sleep(0.01)


def _settled(pid: int, wanted: tuple[int, ...]) -> tuple[int, int, int]:
    """What a process has, once it is what is wanted, or stays another."""
    wait_until(lambda: _what_it_has(pid) == wanted, GONE_WITHIN_S)
    return _what_it_has(pid)


def _services(context: Context, program: Path, path: Path) -> list[Figure]:
    """What is left of killed services, of their workers, and in a host that outlives them."""
    count, late_ms = context.count(100, 3), list[float]()
    had, survivors, held = 0, 0, set[int]()
    before = after = (0, 0, 0)
    with _running(program, "watch", path) as host:
        for number in range(count + 1):
            with serving(context.small, context.runtime, path) as service:
                _until(host, "1")
                workers = children(service.pid)
                held |= memories(service.pid)
                killed_ns = time.monotonic_ns()
                service.kill()
                late_ms.append((_until(host, "0", killed_ns) - killed_ns) / 1e6)
            had += len(workers)
            survivors += _survivors(workers)
            # It tries to connect: the least of several looks has no socket of that.
            after = min(_looks(host.pid, 20))
            before = after if number == 0 else before
        left = remaining(held)
    more = [b - a for a, b in zip(before, after, strict=True)]
    return [
        Figure(name="services killed with SIGKILL", value=count + 1),
        Figure(name="workers that they had", value=had),
        Figure(name=f"workers alive {GONE_WITHIN_S:g} s later", value=survivors, limit=0),
        Figure(name="frame memories, rings and pages that they had", value=len(held)),
        Figure(name="of those, left", value=left, limit=0),
        *(
            Figure(name=f"more {each} of the host", value=value, limit=0)
            for each, value in zip(HAD, more, strict=True)
        ),
        quantile("SIGKILL until sonoedge_valid is 0", late_ms, 50, "ms"),
        quantile("SIGKILL until sonoedge_valid is 0", late_ms, 100, "ms", VALID_MS),
    ]


def _stops(context: Context, program: Path, path: Path) -> list[Figure]:
    """How soon a service that stands still is seen."""
    late_ms = []
    with (
        serving(context.small, context.runtime, path) as service,
        _running(program, "watch", path) as host,
    ):
        for number in range(context.count(100, 3)):
            _until(host, "1")
            time.sleep(random.Random(number).uniform(0.0, 0.1))
            stopped_ns = time.monotonic_ns()
            service.send_signal(signal.SIGSTOP)
            late_ms.append((_until(host, "0", stopped_ns) - stopped_ns) / 1e6)
            service.send_signal(signal.SIGCONT)
    return [
        quantile("SIGSTOP until sonoedge_valid is 0", late_ms, 50, "ms"),
        quantile("SIGSTOP until sonoedge_valid is 0", late_ms, 100, "ms", VALID_MS),
    ]


def _survivors(workers: list[int]) -> int:
    wait_until(lambda: not any(alive(worker) for worker in workers), GONE_WITHIN_S)
    return sum(alive(worker) for worker in workers)


@contextmanager
def _running(program: Path, verb: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """A host, which connects within a minute."""
    with subprocess.Popen([program, verb, path], stdout=subprocess.PIPE, text=True) as host:
        try:
            yield host
        finally:
            host.kill()


def _line(host: subprocess.Popen[str]) -> list[str]:
    """The next words of a host.

    Raises:
        EngineFailed: it has ended.
    """
    line = "" if host.stdout is None else host.stdout.readline()
    if not line:
        raise EngineFailed("the host in C has ended: it reached no service, or lost it")
    return line.split()


def _until(host: subprocess.Popen[str], valid: str, from_ns: int = 0) -> int:
    """When the watching host saw that validity, at `from_ns` or later, nanoseconds."""
    while True:
        said, ns = _line(host)
        if said == valid and int(ns) >= from_ns:
            return int(ns)
