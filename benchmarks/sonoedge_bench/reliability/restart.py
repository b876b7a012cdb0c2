"""How fast a death is seen, and how fast the next engine is ready."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import sonoedge
from sonoedge import Analysis, EngineOptions, LiveSession, NotAnalysed, State
from sonoedge.errors import InvalidSettings
from sonoedge.session import HealthRules
from sonoedge_bench.reliability.context import Context, faulty
from sonoedge_bench.reliability.drive import frame, wait_until
from sonoedge_bench.reliability.faulty_bundle import first_frame_call
from sonoedge_bench.reliability.figures import Figure, quantile

ANY_DEATHS = HealthRules(max_deaths=10**9)
UP = (State.READY, State.DEGRADED)
DEADLINE_MS = 100.0


def restart(context: Context) -> list[Figure]:
    """Kills workers, idle and in mid-frame, and hangs them."""
    count = context.count(30, 3)
    figures = []
    for name, bundle in (("bundle", context.bundle), ("small bundle", context.small)):
        detected_ms, cold = _killed_idle(context, bundle, count, standby=False)
        _, warm = _killed_idle(context, bundle, count, standby=True)
        figures += [
            quantile(f"{name}: death of an idle engine seen after", detected_ms, 100, "ms", 20),
            quantile(f"{name}: ready again, cold", cold, 50, "ms", 500),
            quantile(f"{name}: ready again, cold", cold, 100, "ms"),
            quantile(f"{name}: ready again, standby", warm, 50, "ms", 50),
            quantile(f"{name}: ready again, standby", warm, 100, "ms"),
        ]
    figures.append(
        quantile("outcome after a death in mid-frame", _killed_busy(context, count), 100, "ms", 20)
    )
    late = _hung(context, count)
    figures.append(quantile("outcome of a hung call, above its deadline", late, 100, "ms", 20))
    return figures


def _killed_idle(
    context: Context, bundle: Path, count: int, *, standby: bool
) -> tuple[list[float], list[float]]:
    detected_ms, ready_ms = [], []
    with sonoedge.live(
        bundle, engine=EngineOptions(runtime=context.runtime), standby=standby, health=ANY_DEATHS
    ) as session:
        for _ in range(count):
            # Two quiet seconds: the next standby is loaded, nothing else is going on.
            time.sleep(2.0 if standby else 0.2)
            deaths, pid = session.status().deaths, _worker(session)
            start = time.perf_counter_ns()
            os.kill(pid, signal.SIGKILL)
            if not wait_until(lambda d=deaths: session.status().deaths > d):  # type: ignore[misc]
                raise InvalidSettings("a death was not seen")
            detected_ms.append((time.perf_counter_ns() - start) / 1e6)
            if not wait_until(lambda: session.status().state in UP):
                raise InvalidSettings("the session did not become ready again")
            ready_ms.append((time.perf_counter_ns() - start) / 1e6)
    return detected_ms, ready_ms


def _killed_busy(context: Context, count: int) -> list[float]:
    """From the kill in the middle of a call to the callback."""
    arrived, at = threading.Event(), [0]

    def outcome(analysis: Analysis) -> None:
        at[0] = time.perf_counter_ns()
        arrived.set()

    durations_ms = []
    with (
        faulty(context, base_ms=200) as bundle,
        sonoedge.live(
            bundle,
            outcome,
            max_age_ms=60_000,
            deadline_ms=60_000,
            health=ANY_DEATHS,
            engine=EngineOptions(test_doubles=True),
        ) as session,
    ):
        for number in range(count):
            wait_until(lambda: session.status().state in UP)
            arrived.clear()
            session.submit(frame(number))
            time.sleep(0.05)
            start = time.perf_counter_ns()
            os.kill(_worker(session), signal.SIGKILL)
            if not arrived.wait(30):
                raise InvalidSettings("a frame got no outcome")
            durations_ms.append((at[0] - start) / 1e6)
    return durations_ms


def _hung(context: Context, count: int) -> list[float]:
    """From the deadline to the callback."""
    arrived, analyses = threading.Event(), []

    def outcome(analysis: Analysis) -> None:
        analyses.append(analysis)
        arrived.set()

    late = []
    with (
        faulty(context, {"kind": "hang", "call": first_frame_call(context.small)}) as bundle,
        sonoedge.live(
            bundle,
            outcome,
            max_age_ms=60_000,
            deadline_ms=DEADLINE_MS,
            health=ANY_DEATHS,
            engine=EngineOptions(test_doubles=True),
        ) as session,
    ):
        for number in range(count):
            wait_until(lambda: session.status().state in UP)
            arrived.clear()
            session.submit(frame(number))
            if not arrived.wait(30) or not isinstance(analyses[-1], NotAnalysed):
                raise InvalidSettings("a hung frame got no outcome, or a wrong one")
            late.append(analyses[-1].age_ms - DEADLINE_MS)
    return late


def _worker(session: LiveSession) -> int:
    pid = session.worker_pid
    if pid is None:
        raise InvalidSettings("the session has no worker at this moment")
    return pid
