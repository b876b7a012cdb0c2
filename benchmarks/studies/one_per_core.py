"""Frames a second of an analyser on each core: what a box does that serves several probes.

    python -m studies.one_per_core BUNDLE [--variant ID] [--seconds 10]

One process for each core that this one may use, bound to it, with one thread for the engine. They
begin together, and each analyses the bundle's golden frames at 640 x 480 one after the other.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Final, NamedTuple

import cv2

import sonoedge
from sonoedge import Analysed, EngineOptions, Frame
from sonoedge.errors import SonoedgeError
from studies.native_analyse import golden_frames

WARM_UP_FRAMES: Final = 50
START_S: Final = 120.0


class Counted(NamedTuple):
    """What one process did."""

    core: int
    analysed: int
    not_analysed: int
    seconds: float


def count(
    bundle: Path, engine: EngineOptions, core: int, seconds: float, together: Barrier
) -> Counted:
    """Analyse for so long, on one core.

    Raises:
        SonoedgeError: the bundle cannot be opened.
        BrokenBarrierError: another process did not get so far.
    """
    os.sched_setaffinity(0, {core})
    cv2.setNumThreads(1)
    pictures = golden_frames(bundle, cv2.IMREAD_GRAYSCALE)
    with sonoedge.open(bundle, engine) as analyser:
        counts = [0, 0]

        def one(number: int) -> None:
            frame = Frame(pixels=pictures[number % len(pictures)], spacing_mm=(0.1, 0.1))
            counts[isinstance(analyser.analyse(frame), Analysed)] += 1

        for number in range(WARM_UP_FRAMES):
            one(number)
        counts[:] = 0, 0
        together.wait(START_S)
        start_ns = time.perf_counter_ns()
        end_ns = start_ns + round(seconds * 1e9)
        while (now_ns := time.perf_counter_ns()) < end_ns:
            one(sum(counts))
    return Counted(core, counts[1], counts[0], (now_ns - start_ns) / 1e9)


def _process(
    bundle: Path,
    engine: EngineOptions,
    core: int,
    seconds: float,
    together: Barrier,
    done: Queue[Counted | str],
) -> None:
    try:
        done.put(count(bundle, engine, core, seconds, together))
    except SonoedgeError as error:
        together.abort()
        done.put(f"{error.token}: {error}")
    except Exception as error:  # noqa: BLE001 - told by the process that waits
        together.abort()
        done.put(type(error).__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--variant")
    parser.add_argument("--seconds", type=float, default=10.0)
    args = parser.parse_args(argv)
    cores = sorted(os.sched_getaffinity(0))
    engine = EngineOptions(variant=args.variant, threads=1)
    context = multiprocessing.get_context("spawn")
    together, done = context.Barrier(len(cores)), context.Queue()
    given = (args.bundle, engine)
    for core in cores:
        rest = (core, args.seconds, together, done)
        context.Process(target=_process, args=(*given, *rest), daemon=True).start()
    results = [done.get(timeout=START_S + args.seconds) for _ in cores]
    failed = [result for result in results if isinstance(result, str)]
    if failed:
        sys.exit(next((text for text in failed if ":" in text), failed[0]))
    counted = sorted(result for result in results if isinstance(result, Counted))
    rates = [each.analysed / each.seconds for each in counted]
    for each, rate in zip(counted, rates, strict=True):
        print(f"core {each.core}: {rate:.0f} analysed a second, {each.not_analysed} not analysed")
    print(f"together: {sum(rates):.0f} frames a second")
    return 0


if __name__ == "__main__":
    sys.exit(main())
