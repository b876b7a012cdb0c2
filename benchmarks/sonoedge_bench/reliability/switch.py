"""A running session switches between two bundles while frames go on."""

from __future__ import annotations

import itertools
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

import sonoedge
from sonoedge import Analysed, Analysis, EngineOptions, Frame
from sonoedge_bench.reliability.context import Context, resized_frames
from sonoedge_bench.reliability.drive import wait_until
from sonoedge_bench.reliability.figures import Figure, quantile
from sonoedge_bench.reliability.other_bundle import make_other_bundle

PERIOD_S: Final = 1 / 15
BETWEEN: Final = 120  # results from one switch to the next: more than a trial


def switch(context: Context) -> list[Figure]:
    """There and back, at 15 frames a second."""
    frames = resized_frames(context.bundle)
    switches, between = context.count(20, 2), context.count(BETWEEN, 5)
    got: list[tuple[float, Analysis]] = []
    loading: list[tuple[float, float]] = []
    stop = threading.Event()
    with tempfile.TemporaryDirectory() as temporary:
        bundles = (context.bundle, make_other_bundle(context.bundle, Path(temporary) / "other"))
        with sonoedge.live(
            bundles[0],
            lambda analysis: got.append((time.monotonic(), analysis)),
            engine=EngineOptions(runtime=context.runtime),
            max_age_ms=60_000,
        ) as session:

            def feed() -> None:
                number = 0
                while not stop.wait(PERIOD_S):
                    session.submit(Frame(pixels=frames[number % len(frames)]))
                    number += 1

            feeder = threading.Thread(target=feed)
            feeder.start()
            try:
                for number in range(switches):
                    seen = len(got)
                    wait_until(lambda n=seen: len(got) >= n + between)  # type: ignore[misc]
                    begin = time.monotonic()
                    session.switch(bundles[(number + 1) % 2])
                    loading.append((begin, time.monotonic()))
            finally:
                stop.set()
                feeder.join()
            session.drain(30)
            status = session.status()
    counters = status.counters
    during = [a.age_ms for at, a in got if any(b <= at <= e for b, e in loading)]
    apart = [a.age_ms for at, a in got if not any(b <= at <= e for b, e in loading)]
    gaps = [
        max((b[0] - a[0]) * 1e3 for a, b in itertools.pairwise(near))
        for _, end in loading
        if len(near := [g for g in got if abs(g[0] - end) < 1.0]) > 1
    ]
    lost = counters.submitted - counters.analysed - counters.superseded
    return [
        Figure(name="switches", value=status.switch.switched),
        Figure(name="switches taken back", value=status.switch.reverted, limit=0),
        quantile("switch: call to taking over", [(e - b) * 1e3 for b, e in loading], 50, "ms"),
        quantile("longest pause between results about a border", gaps, 100, "ms"),
        quantile("age of a result while a bundle loads", during, 99, "ms"),
        quantile("age of a result otherwise", apart, 99, "ms"),
        Figure(name="frames analysed", value=sum(isinstance(a, Analysed) for _, a in got)),
        Figure(name="frames without an analysis", value=lost, limit=0),
        Figure(name="counters that do not add up", value=float(not counters.balanced), limit=0),
    ]
