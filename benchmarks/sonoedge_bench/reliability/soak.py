"""A million frames: does anything grow, does anything get lost?"""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path

import numpy as np

import sonoedge
from sonoedge import EngineOptions, Frame
from sonoedge.bundle import read_bundle
from sonoedge_bench.reliability.context import Context, Pixels, faulty
from sonoedge_bench.reliability.faulty_bundle import first_frame_call
from sonoedge_bench.reliability.figures import Figure
from sonoedge_bench.reliability.restart import ANY_DEATHS


def soak(context: Context) -> list[Figure]:
    """A million analysed frames of the small network in a worker; growth from a fifth on."""
    count = context.count(1_000_000, 3_000)
    frames = _small(context)
    with sonoedge.live(
        context.small,
        engine=EngineOptions(runtime=context.runtime),
        max_age_ms=60_000,
        deadline_ms=10_000,
        golden_every_s=20,
    ) as session:
        worker = session.worker_pid or 0
        for number in range(count // 5):  # caches fill, allocators settle
            _analyse_one(session, frames, number)
        before = (_anonymous(os.getpid()), _anonymous(worker), _open_files(), _threads())
        start = time.monotonic()
        for number in range(count - count // 5):
            _analyse_one(session, frames, number)
        rate = (count - count // 5) / (time.monotonic() - start)
        after = (_anonymous(os.getpid()), _anonymous(worker), _open_files(), _threads())
        status = session.status()
    counters = status.counters
    host, engine, files, threads = (b - a for a, b in zip(before, after, strict=True))
    return [
        Figure(name="frames submitted", value=counters.submitted),
        Figure(name="of these analysed", value=counters.analysed),
        Figure(name="frames per second", value=rate),
        Figure(name="counters that do not add up", value=float(not counters.balanced), limit=0),
        Figure(name="engines replaced", value=status.deaths, limit=0),
        Figure(name="growth of the host's memory", value=host, unit="MiB", limit=1),
        Figure(name="growth of the worker's memory", value=engine, unit="MiB", limit=1),
        Figure(name="more descriptors than before", value=files, limit=0),
        Figure(name="more threads than before", value=threads, limit=0),
    ]


def conservation(context: Context) -> list[Figure]:
    """A million frames in three streams, as fast as they go, while everything goes wrong."""
    count = context.count(1_000_000, 5_000)
    frames = _small(context)
    rng = random.Random(1)
    first = first_frame_call(context.small)
    faults = (
        {"kind": "nan", "call": first + 40, "calls": 2},
        {"kind": "slow", "ms": 60, "call": first + 80, "calls": 1},
        {"kind": "hang", "call": first + 400, "calls": 1},
        {"kind": "sigsegv", "call": first + 800},
    )
    checks = unbalanced = 0
    called = [0]

    def callback(analysis: object) -> None:
        called[0] += 1
        if called[0] % 50 == 0:
            time.sleep(0.02)

    with (
        faulty(context, *faults) as bundle,
        sonoedge.live(
            bundle,
            callback,
            max_age_ms=50,
            deadline_ms=80,
            health=ANY_DEATHS,
            engine=EngineOptions(test_doubles=True),
        ) as session,
    ):
        for number in range(count):
            old_ns = 10**8 if rng.random() < 0.01 else 0
            session.submit(
                Frame(
                    pixels=frames[number % len(frames)],
                    captured_ns=time.monotonic_ns() - old_ns,
                ),
                f"stream {rng.randrange(3)}",
            )
            if number % 100 == 0:
                checks += 1
                unbalanced += not session.status().counters.balanced
                time.sleep(0.001)
            if rng.random() < 1e-3:
                (session.pause if rng.random() < 0.3 else session.resume)()
        session.resume()
        session.drain(30)
        end = session.status()
    last = session.status().counters
    unbalanced += not last.balanced or last.in_flight > 0
    reasons = ", ".join(f"{name} {n}" for name, n in sorted(last.not_analysed.items()))
    return [
        Figure(name="frames submitted", value=last.submitted),
        Figure(name="analysed", value=last.analysed),
        Figure(name=f"not analysed ({reasons})"[:110], value=sum(last.not_analysed.values())),
        Figure(name="superseded", value=last.superseded),
        Figure(name="engines replaced meanwhile", value=end.deaths),
        Figure(name="moments at which the counters were added up", value=checks),
        Figure(name="moments at which they did not add up", value=unbalanced, limit=0),
    ]


def _analyse_one(session: sonoedge.LiveSession, frames: list[Pixels], number: int) -> None:
    session.submit(Frame(pixels=frames[number % len(frames)]))
    session.drain(30)


def _small(context: Context) -> list[Pixels]:
    """Speckle in the size of the small network's input."""
    spec = read_bundle(context.small).manifest.preprocess
    rng = np.random.default_rng(0)
    return [rng.integers(140, 200, (spec.height, spec.width), dtype=np.uint8) for _ in range(16)]


def _anonymous(pid: int) -> float:
    """MiB of memory that is the process's own."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    return 0.0


def _open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _threads() -> int:
    return threading.active_count()
