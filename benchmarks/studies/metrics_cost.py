"""What a session's figures cost: a status as text, and an outcome counted.

    python -m studies.metrics_cost [--rounds N]

Prints the median and the slowest of each, in microseconds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from sonoedge.analysis import NotAnalysed, Origin, Reason
from sonoedge.metrics import FrameTimes, exposition
from sonoedge.session import Counters, State, Status

ORIGIN = Origin(
    bundle_id="b", engine_sha256="", runtime="onnxruntime", precision="int8", variant=""
)
OUTCOME = NotAnalysed(
    frame_id=0,
    captured_ns=0,
    age_ms=12.0,
    stages_ms=dict.fromkeys(("guard", "preprocess", "engine", "postprocess", "tracker"), 1.0),
    origin=ORIGIN,
    reasons=(Reason.STALE,),
)
STATUS = Status(
    state=State.READY,
    reasons=(),
    valid_until_ns=1,
    at_ns=0,
    counters=Counters(
        submitted=10**6,
        analysed=10**6 - 1,
        not_analysed={"STALE": 1},
        superseded=0,
        in_flight=0,
    ),
    deaths=0,
    callback_errors=0,
    origin=ORIGIN,
    choice="",
    answered_ns=0,
)


def spread_us(call: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median and slowest of `rounds` calls."""
    call()
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter_ns()
        call()
        taken.append((time.perf_counter_ns() - begin) / 1e3)
    return statistics.median(taken), max(taken)


def main(argv: list[str] | None = None) -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    rounds = parser.parse_args(argv).rounds
    times = FrameTimes()
    for what, call in (
        ("an outcome counted", lambda: times.add(OUTCOME)),
        ("a status as text", lambda: exposition(STATUS, times=times, at_s=0.0)),
    ):
        median, slowest = spread_us(call, rounds)
        print(f"{what}: p50 {median:.1f} us, slowest of {rounds} {slowest:.1f} us")


if __name__ == "__main__":
    main()
