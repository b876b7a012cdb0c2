"""Four times as many frames as the engine can take: how old are the results?"""

from __future__ import annotations

import time

import numpy as np

import sonoedge
from sonoedge import Analysed, Analysis, EngineOptions, Frame
from sonoedge_bench.reliability.context import Context, resized_frames
from sonoedge_bench.reliability.figures import Figure, quantile

FACTOR = 4


def overload(context: Context) -> list[Figure]:
    """Frames at four times the rate of whole analyses, for a minute."""
    frames = resized_frames(context.bundle)
    analyses: list[Analysis] = []
    with sonoedge.live(
        context.bundle,
        analyses.append,
        engine=EngineOptions(runtime=context.runtime),
        max_age_ms=60_000,
    ) as session:
        for number in range(30):
            session.submit(Frame(pixels=frames[number % len(frames)]))
            session.drain(30)
        alone = [sum(a.stages_ms.values()) for a in analyses[10:]]
        step = float(np.median(alone)) / 1e3 / FACTOR
        analyses.clear()
        end = time.perf_counter() + context.count(60, 2)
        due, number, counters_before = time.perf_counter(), 0, session.status().counters
        while time.perf_counter() < end:
            session.submit(Frame(pixels=frames[number % len(frames)]))
            number += 1
            due = max(due + step, time.perf_counter() - 0.1)  # a stall is not made up for
            time.sleep(max(0.0, due - time.perf_counter()))
        session.drain(30)
        counters = session.status().counters
    results = [a for a in analyses if isinstance(a, Analysed)]
    ages = [a.age_ms for a in results]
    engine = [a.stages_ms["engine"] for a in results]
    engine_p99 = quantile("engine call", engine, 99, "ms")
    return [
        Figure(name="frames submitted", value=number),
        Figure(name="frames submitted per frame analysed", value=number / max(1, len(results))),
        Figure(name="superseded", value=counters.superseded - counters_before.superseded),
        Figure(name="counters that do not add up", value=float(not counters.balanced), limit=0),
        quantile("engine call", engine, 50, "ms"),
        engine_p99,
        quantile("age of a result", ages, 50, "ms"),
        quantile("age of a result", ages, 99, "ms", 2 * engine_p99.value),
    ]
