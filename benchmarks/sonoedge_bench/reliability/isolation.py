"""What it costs to have the engine in another process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import sonoedge
from sonoedge import Analysed, Analysis, Frame
from sonoedge.errors import InvalidSettings
from sonoedge_bench.reliability.context import Context, Pixels, pictures
from sonoedge_bench.reliability.figures import Figure, quantile


class _Waiting:
    """Submits a frame and waits for its callback."""

    def __init__(self) -> None:
        self._came = threading.Event()
        self._got: Analysis | None = None

    def __call__(self, analysis: Analysis) -> None:
        self._got = analysis
        self._came.set()

    def through(self, session: sonoedge.LiveSession) -> Callable[[Frame], Analysis]:
        def call(frame: Frame) -> Analysis:
            self._came.clear()
            session.submit(frame)
            if not self._came.wait(30) or self._got is None:
                raise InvalidSettings("a frame got no outcome")
            return self._got

        return call


def isolation(context: Context) -> list[Figure]:
    """Analyses in process, through a thread, and through the worker, frame by frame in turns."""
    shown = pictures(context.bundle)
    turns, warm_up = context.count(1000, 40), 20
    ways: dict[str, Callable[[Frame], Analysis]] = {}
    thread, process = _Waiting(), _Waiting()
    more = {"runtime": context.runtime, "max_age_ms": 60_000.0}
    with (
        sonoedge.open(context.bundle, runtime=context.runtime) as analyser,
        sonoedge.live(context.bundle, thread, isolation="thread", **more) as threaded,  # type: ignore[arg-type]
        sonoedge.live(context.bundle, process, **more) as isolated,  # type: ignore[arg-type]
    ):
        ways = {
            "in process": analyser.analyse,
            "thread": thread.through(threaded),
            "process": process.through(isolated),
        }
        took: dict[str, list[float]] = {name: [] for name in ways}
        inside: dict[str, list[float]] = {name: [] for name in ways}
        names = list(ways)
        for turn in range(warm_up + turns):
            for offset in range(len(names)):  # who comes first changes: no cache is always warm
                name = names[(turn + offset) % len(names)]
                ms, stages_ms = _timed(ways[name], shown[turn % len(shown)])
                if turn >= warm_up:
                    took[name].append(ms)
                    inside[name].append(stages_ms)
    added = {
        name: [a - b for a, b in zip(took[name], took["in process"], strict=True)]
        for name in ("thread", "process")
    }
    crossing = [a - b for a, b in zip(took["process"], inside["process"], strict=True)]
    between = [a - b for a, b in zip(took["process"], took["thread"], strict=True)]
    rows = (
        ("analyse in process", took["in process"], None),
        ("submit to callback, engine in a thread", took["thread"], None),
        ("submit to callback, engine in a process", took["process"], None),
        ("added by isolation: process above in process", added["process"], 0.2),
        ("  of that, the session's threads: thread above in process", added["thread"], None),
        ("  process above thread", between, None),
        ("  submit to callback less the time inside the worker", crossing, None),
    )
    return [quantile(name, samples, 50, "ms", limit) for name, samples, limit in rows]


def _timed(way: Callable[[Frame], Analysis], pixels: Pixels) -> tuple[float, float]:
    began = time.perf_counter_ns()
    result = way(Frame(pixels=pixels))
    ms = (time.perf_counter_ns() - began) / 1e6
    if not isinstance(result, Analysed):
        raise InvalidSettings(f"a picture is not analysed: {result.reasons} {result.detail}")
    return ms, sum(result.stages_ms.values())
