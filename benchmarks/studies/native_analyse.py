"""What a whole `analyse` costs around its engine, with both frame paths, in turns.

    python -m studies.native_analyse BUNDLE [--frames N]

Needs `make native`. The bundle's golden frames at 640 x 480, one engine thread; which path comes
first changes with each frame. Prints medians in microseconds, without the engine's own call, and
how many times as fast the native path is.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

import sonoedge
from sonoedge import Analysed, Analyser, EngineOptions, Frame
from sonoedge.findings import STAGES

Pixels = npt.NDArray[np.uint8]
AROUND = tuple(stage for stage in STAGES if stage != "engine")


def golden_frames(bundle: Path, kind: int) -> list[Pixels]:
    """The bundle's own frames, 640 x 480.

    Args:
        kind: an IMREAD_ flag of OpenCV's.
    """
    read = [cv2.imread(str(file), kind) for file in sorted((bundle / "golden").glob("*.png"))]
    return [
        np.asarray(cv2.resize(picture, (640, 480)), np.uint8)
        for picture in read
        if picture is not None
    ]


def measure(analyser: Analyser, frame: Frame) -> tuple[float, dict[str, float]]:
    """Microseconds around the engine's call, and per stage.

    Raises:
        RuntimeError: the frame was not analysed.
    """
    begin = time.perf_counter_ns()
    answer = analyser.analyse(frame)
    us = (time.perf_counter_ns() - begin) / 1e3
    if not isinstance(answer, Analysed):
        raise RuntimeError(f"not analysed: {answer.reasons[0].value}")
    stages = {stage: answer.stages_ms[stage] * 1e3 for stage in STAGES}
    return us - stages["engine"], {stage: stages[stage] for stage in AROUND}


def main(argv: list[str] | None = None) -> None:
    """Print a row for grey frames, and one for those in colour."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--frames", type=int, default=400)
    arguments = parser.parse_args(argv)
    cv2.setNumThreads(1)
    for name, kind in (("grey", cv2.IMREAD_GRAYSCALE), ("colour", cv2.IMREAD_COLOR)):
        pictures = golden_frames(arguments.bundle, kind)
        sides = {
            path: sonoedge.open(arguments.bundle, EngineOptions(threads=1, frame_path=path))
            for path in ("python", "native")
        }
        whole: dict[str, list[float]] = {path: [] for path in sides}
        stages: dict[tuple[str, str], list[float]] = {}
        for n in range(arguments.frames):
            for path in sorted(sides, reverse=n % 2 == 0):
                frame = Frame(pixels=pictures[n % len(pictures)], spacing_mm=(0.1, 0.1))
                us, parts = measure(sides[path], frame)
                whole[path].append(us)
                for stage, taken in parts.items():
                    stages.setdefault((path, stage), []).append(taken)
        for analyser in sides.values():
            analyser.close()
        python, native = (statistics.median(whole[path]) for path in ("python", "native"))
        each = ", ".join(
            f"{stage} {statistics.median(stages['python', stage]):.0f} / "
            f"{statistics.median(stages['native', stage]):.0f}"
            for stage in AROUND
        )
        print(
            f"{name:7} Python {python:6.0f} us   native {native:6.0f} us   "
            f"{python / native:4.1f} times as fast   ({each})"
        )


if __name__ == "__main__":
    main()
