"""What a process of its own for the engine costs a frame, and what `submit` costs its caller.

    python -m studies.isolation_cost BUNDLE [--variant ID] [--frames 300] [--fps 30]

Two live sessions, one with its engine in a thread and one in a process, get the bundle's golden
frames at 640 x 480 in turns. Prints a frame's age at its result without the engine's own call, the
difference, and how long `submit` held its caller: by the clock, and by its thread's time on a
processor, which a busy machine lengthens less. Between them goes one byte to a third process and
back: what the kernel alone takes to wake two processes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
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
_ECHO: Final = "import os\nwhile byte := os.read(0, 1):\n    os.write(1, byte)"


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


class Echo:
    """A process that sends back each byte, and sleeps between two."""

    def __init__(self) -> None:
        self.round_ms: list[float] = []
        pipe = subprocess.PIPE
        command = [sys.executable, "-I", "-c", _ECHO]
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout

    def ask(self, _: object) -> None:
        """One byte there and back."""
        start_ns = time.perf_counter_ns()
        os.write(self._to.fileno(), b"x")
        os.read(self._from.fileno(), 1)
        self.round_ms.append((time.perf_counter_ns() - start_ns) / 1e6)

    def print_row(self) -> None:
        """Print the figures."""
        p50, p99 = np.percentile(self.round_ms[WARM_UP_FRAMES:], (50, 99))
        print(f"a byte to a process and back: p50 {p50:.3f} p99 {p99:.3f}")

    def close(self) -> None:
        """End the process."""
        self._to.close()
        self._from.close()
        self._process.wait()


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print milliseconds; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--variant")
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--fps", type=float, default=30.0, help="of all three together")
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    pictures = golden_frames(args.bundle, cv2.IMREAD_GRAYSCALE)
    engine = EngineOptions(variant=args.variant, threads=1)
    callers = {name: Caller(args.bundle, engine, name) for name in ISOLATIONS}
    echo = Echo()
    turns: list[Caller | Echo] = [*callers.values(), echo]
    try:
        due = time.monotonic()
        for number in range(WARM_UP_FRAMES + args.frames):
            for caller in turns:
                due = max(due + 1 / args.fps, time.monotonic())
                time.sleep(max(0.0, due - time.monotonic()))
                caller.ask(pictures[number % len(pictures)])
    finally:
        for caller in callers.values():
            caller.session.close()
        echo.close()
    thread_ms, process_ms = (callers[name].print_row(name) for name in ISOLATIONS)
    print(f"a process above a thread: {process_ms - thread_ms:+.3f} ms")
    echo.print_row()
    return 0


if __name__ == "__main__":
    sys.exit(main())
