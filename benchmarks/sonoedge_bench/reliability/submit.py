"""Does `submit` wait for anything?"""

from __future__ import annotations

import time

import sonoedge
from sonoedge import Analysis, EngineOptions, Frame
from sonoedge_bench.reliability.context import Context, faulty, resized_frames
from sonoedge_bench.reliability.faulty_bundle import first_frame_call
from sonoedge_bench.reliability.figures import Figure, quantile
from sonoedge_bench.reliability.restart import ANY_DEATHS

RATE_HZ = 240


def submit(context: Context) -> list[Figure]:
    """640 x 480 frames at 240 Hz; each callback sleeps a second; each call hangs until killed."""
    frames = resized_frames(context.bundle)
    count = context.count(10_000, 300)

    def slow(analysis: Analysis) -> None:
        time.sleep(1)

    durations_ms = []
    with (
        faulty(context, {"kind": "hang", "call": first_frame_call(context.small)}) as bundle,
        sonoedge.live(
            bundle,
            slow,
            deadline_ms=300,
            health=ANY_DEATHS,
            engine=EngineOptions(test_doubles=True),
        ) as session,
    ):
        due = time.perf_counter()
        for number in range(count):
            frame = Frame(pixels=frames[number % len(frames)])
            start = time.perf_counter_ns()
            session.submit(frame)
            durations_ms.append((time.perf_counter_ns() - start) / 1e6)
            due += 1 / RATE_HZ
            time.sleep(max(0.0, due - time.perf_counter()))
        deaths = session.status().deaths
    return [
        Figure(name="frames submitted", value=count),
        Figure(name="engines killed at their deadline meanwhile", value=deaths),
        quantile("submit", durations_ms, 50, "ms"),
        quantile("submit", durations_ms, 99, "ms"),
        quantile("submit", durations_ms, 99.9, "ms", 1.0),
        quantile("submit", durations_ms, 100, "ms"),
    ]
