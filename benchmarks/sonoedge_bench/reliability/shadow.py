"""What a candidate that works, crashes, hangs or leaks costs the bundle that counts.

Sessions without and with a candidate take turns, so that whatever else the machine does
meets all of them.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import sonoedge
from sonoedge import Analysis, EngineOptions, Frame
from sonoedge.session import LiveSession, Shadow, ShadowState, Status
from sonoedge_bench.reliability.context import Context, Pixels, faulty, resized_frames
from sonoedge_bench.reliability.drive import wait_until
from sonoedge_bench.reliability.faulty_bundle import first_frame_call
from sonoedge_bench.reliability.figures import Figure, quantile

PERIOD_S: Final = 1 / 15
EVERY: Final = 10
WARM_UP: Final = 10  # frames of each turn that are not measured
BEGIN_S: Final = 20.0  # for a candidate to load in
ALONE: Final = ("", "")
PRIORITIES: Final = ("idle", "equal")  # the first is what a session takes by itself
KINDS: Final[Mapping[str, Mapping[str, Any] | None]] = {
    "works": None,
    "crashes": {"kind": "sigsegv"},
    "hangs": {"kind": "hang"},
    "leaks": {"kind": "leak", "bytes": 64 << 20},
}
MOST_RATIO: Final = 1.1


def shadow(context: Context) -> list[Figure]:
    """One in ten frames to the candidate, fifteen frames a second."""
    turns, frames = context.count(8, 1), context.count(150, 30)
    pixels = resized_frames(context.bundle)
    first = first_frame_call(context.small)
    cases = [ALONE, *((kind, priority) for priority in PRIORITIES for kind in KINDS)]
    ages: list[list[float]] = [[] for _ in cases]
    ends: list[list[Status]] = [[] for _ in cases]
    for turn in range(turns):
        for offset in range(len(cases)):  # who comes first changes
            number = (turn + offset) % len(cases)
            with _candidate(context, cases[number], first) as candidate:
                got, status = _turn(context, candidate, pixels, frames)
            ages[number] += [a.age_ms for a in got[WARM_UP:]]
            ends[number].append(status)
    alone = quantile("no candidate: age of a result", ages[0], 99, "ms")
    figures = [quantile("no candidate: age of a result", ages[0], 50, "ms"), alone]
    for (kind, priority), samples, statuses in list(zip(cases, ages, ends, strict=True))[1:]:
        name = f"candidate {kind}, {priority}"
        p99 = quantile(f"{name}: age of a result", samples, 99, "ms")
        figures += [p99, *_figures(priority, p99.value / alone.value, statuses)]
    return figures


def _figures(priority: str, ratio: float, statuses: list[Status]) -> list[Figure]:
    """What a candidate did, and what it cost."""
    shadows = [s.shadow for s in statuses if s.shadow is not None]
    compared = sum(s.compared for s in shadows)
    failures = sum(sum(s.failures.values()) for s in shadows)
    # One that never got a processor proves nothing.
    limit = MOST_RATIO if priority == PRIORITIES[0] and compared + failures else None
    lost = sum(s.counters.in_flight + (not s.counters.balanced) for s in statuses)
    replaced = sum(s.deaths for s in statuses)
    return [
        Figure(name="  times that without a candidate", value=ratio, limit=limit),
        Figure(name="  frames compared", value=compared),
        Figure(name="  failures of the candidate", value=failures),
        Figure(name="  outcomes of the session lost", value=lost, limit=0),
        Figure(name="  engines of the session replaced", value=replaced, limit=0),
    ]


@contextlib.contextmanager
def _candidate(context: Context, case: tuple[str, str], first: int) -> Iterator[Shadow | None]:
    kind, priority = case
    fault = KINDS.get(kind)
    if case == ALONE:
        yield None
    elif fault is None:
        engine = EngineOptions(runtime=context.runtime, threads=1)
        yield _shadow(context.bundle, engine, priority)
    else:
        with faulty(context, {**fault, "call": first}) as bundle:
            yield _shadow(bundle, EngineOptions(test_doubles=True, threads=1), priority)


def _shadow(bundle: Path, engine: EngineOptions, priority: Any) -> Shadow:
    return Shadow(
        bundle=bundle,
        every=EVERY,
        engine=engine,
        deadline_ms=1000,
        memory_mb=512,
        priority=priority,
    )


def _turn(
    context: Context, candidate: Shadow | None, pixels: list[Pixels], frames: int
) -> tuple[list[Analysis], Status]:
    """The results of so many frames, and the session's last status."""
    got: list[Analysis] = []
    with sonoedge.live(
        context.bundle,
        got.append,
        max_age_ms=60_000,
        engine=EngineOptions(runtime=context.runtime),
        shadow=candidate,
    ) as session:
        if candidate is not None:
            wait_until(lambda: _begun(session), BEGIN_S)
        due = time.monotonic()
        for number in range(frames + WARM_UP):
            session.submit(Frame(pixels=pixels[number % len(pixels)]))
            due = max(due + PERIOD_S, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))
        session.drain(30)
        return got, session.status()


def _begun(session: LiveSession) -> bool:
    status = session.status().shadow
    return status is not None and status.state not in (ShadowState.WAITING, ShadowState.LOADING)
