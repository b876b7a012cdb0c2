"""A box that is too busy: how long a worker waits for a processor in its slowest call."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sonoedge
from sonoedge import Analysis, EngineOptions, Frame
from sonoedge.device.cpu import cpu_wait_ms, longest_wait_ms, usable_threads
from sonoedge.errors import InvalidSettings
from sonoedge_bench.reliability.context import Context, resized_frames
from sonoedge_bench.reliability.figures import Figure, quantile

PER_CPU = 4
SPIN = "while True: sum(range(10000))"


def starvation(context: Context) -> list[Figure]:
    """Frames one after the other, while four busy processes per processor want to run.

    What a thread waited for a processor while it was ready to run is the kernel's own
    account (`/proc/PID/task/*/schedstat`). Where that is most of a call's time, a missed
    deadline says that the box was too busy, and nothing of the engine.
    """
    frames = resized_frames(context.bundle)
    arrived, missed = threading.Event(), [0]

    def outcome(analysis: Analysis) -> None:
        missed[0] += isinstance(analysis, sonoedge.NotAnalysed)
        arrived.set()

    calls: list[tuple[float, float]] = []
    with (
        sonoedge.live(
            context.bundle,
            outcome,
            engine=EngineOptions(runtime=context.runtime),
            max_age_ms=60_000,
            deadline_ms=10_000,
        ) as session,
        _busy(PER_CPU * usable_threads()),
    ):
        end = time.monotonic() + context.count(40, 2)
        while time.monotonic() < end:
            arrived.clear()
            before, start = cpu_wait_ms(session.worker_pid or 0), time.perf_counter_ns()
            session.submit(Frame(pixels=frames[len(calls) % len(frames)]))
            if not arrived.wait(60):
                raise InvalidSettings("a frame got no outcome")
            ms = (time.perf_counter_ns() - start) / 1e6
            calls.append((ms, longest_wait_ms(before, cpu_wait_ms(session.worker_pid or 0))))
    slowest = max(calls)
    return [
        quantile("submit to callback", [ms for ms, _ in calls], 50, "ms"),
        Figure(name="the slowest call", value=slowest[0], unit="ms"),
        Figure(
            name="  in it one of the worker's threads waited to run", value=slowest[1], unit="ms"
        ),
        Figure(name="  slowest call less that wait", value=slowest[0] - slowest[1], unit="ms"),
        Figure(name="frames without an analysis, at a deadline of 10 s", value=missed[0], limit=0),
    ]


@contextmanager
def _busy(count: int) -> Iterator[None]:
    running = [subprocess.Popen([sys.executable, "-S", "-c", SPIN]) for _ in range(count)]
    try:
        time.sleep(1)
        yield
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()
