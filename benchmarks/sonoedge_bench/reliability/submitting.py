"""Does `submit` wait for anything?"""

from __future__ import annotations

import time

import sonoedge
from sonoedge import Analysis, EngineOptions, Frame
from sonoedge_bench.reliability.context import Context, faulty, pictures
from sonoedge_bench.reliability.faulty_bundle import first_frame_call
from sonoedge_bench.reliability.figures import Figure, quantile
from sonoedge_bench.reliability.restart import ANY_DEATHS

RATE_HZ = 240


def submitting(context: Context) -> list[Figure]:
    """640 x 480 frames at 240 Hz; each callback sleeps a second; each call hangs until killed."""
    shown = pictures(context.bundle)
    many = context.count(10_000, 300)

    def slow(analysis: Analysis) -> None:
        time.sleep(1)

    took = []
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
        for number in range(many):
            frame = Frame(pixels=shown[number % len(shown)])
            began = time.perf_counter_ns()
            session.submit(frame)
            took.append((time.perf_counter_ns() - began) / 1e6)
            due += 1 / RATE_HZ
            time.sleep(max(0.0, due - time.perf_counter()))
        deaths = session.status().deaths
    return [
        Figure(name="frames submitted", value=many),
        Figure(name="engines killed at their deadline meanwhile", value=deaths),
        quantile("submit", took, 50, "ms"),
        quantile("submit", took, 99, "ms"),
        quantile("submit", took, 99.9, "ms", 1.0),
        quantile("submit", took, 100, "ms"),
    ]
