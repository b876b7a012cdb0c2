"""What a process of its own for the engine costs a frame, and what `submit` costs its caller.

    python -m studies.isolation_cost BUNDLE [--variant ID] [--frames 300] [--fps 30]

Two live sessions, one with its engine in a thread and one in a process, get the bundle's golden
frames at 640 x 480 in turns. Prints a frame's age at its result without the engine's own call, the
difference, and how long `submit` held its caller: by the clock, and by its thread's time on a
processor, which a busy machine lengthens less.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

import sonoedge
from sonoedge import Analysed, Analysis, EngineOptions, Frame
from studies.native_analyse import golden_frames

Isolation = Literal["thread", "process"]
ISOLATIONS: Final[tuple[Isolation, ...]] = ("thread", "process")
WARM_UP_FRAMES: Final = 10


class Caller:
    """A session's caller, who waits for each result before the next frame is due."""

    def __init__(self, bundle: Path, engine: EngineOptions, isolation: Isolation) -> None:
        self.around_ms: list[float] = []
        self.submit_ms: list[tuple[float, float]] = []  # by the clock, on a processor
        self._answered = threading.Event()
        self.session = sonoedge.live(
            bundle,
            self._take,
            60_000.0,
            isolation,
            engine=engine,
            deadline_ms=60_000.0,
            golden_every_s=1e6,
            golden_idle_s=1e6,
        )

    def ask(self, pixels: npt.NDArray[Any]) -> None:
        """One frame, until its result is there."""
        self._answered.clear()
        frame = Frame(pixels=pixels, spacing_mm=(0.1, 0.1))
        cpu_ns, start_ns = time.thread_time_ns(), time.perf_counter_ns()
        self.session.submit(frame)
        took_ns = time.perf_counter_ns() - start_ns
        self.submit_ms.append((took_ns / 1e6, (time.thread_time_ns() - cpu_ns) / 1e6))
        self._answered.wait(60.0)

    def print_row(self, name: str) -> float:
        """Print the figures; the p50 around the engine in milliseconds."""
        around = self.around_ms[WARM_UP_FRAMES:]
        wall, cpu = zip(*self.submit_ms[WARM_UP_FRAMES:], strict=True)
        p50, p99 = (float(np.percentile(around, q)) for q in (50, 99))
        submit = ", ".join(
            f"{what} p50 {np.percentile(ms, 50):.3f} p99.9 {np.percentile(ms, 99.9):.3f}"
            for what, ms in (("submit", wall), ("on a processor", cpu))
        )
        print(f"{name:<8} around p50 {p50:.3f} p99 {p99:.3f}, {submit}; {len(around)} frames")
        return p50

    def _take(self, analysis: Analysis) -> None:
        if isinstance(analysis, Analysed):
            self.around_ms.append(analysis.age_ms - analysis.stages_ms["engine"])
        self._answered.set()


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print milliseconds; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--variant")
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--fps", type=float, default=30.0, help="of both sessions together")
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    pictures = golden_frames(args.bundle, cv2.IMREAD_GRAYSCALE)
    engine = EngineOptions(variant=args.variant, threads=1)
    callers = {name: Caller(args.bundle, engine, name) for name in ISOLATIONS}
    try:
        due = time.monotonic()
        for number in range(WARM_UP_FRAMES + args.frames):
            for caller in callers.values():
                due = max(due + 1 / args.fps, time.monotonic())
                time.sleep(max(0.0, due - time.monotonic()))
                caller.ask(pictures[number % len(pictures)])
    finally:
        for caller in callers.values():
            caller.session.close()
    thread_ms, process_ms = (callers[name].print_row(name) for name in ISOLATIONS)
    print(f"a process above a thread: {process_ms - thread_ms:+.3f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
