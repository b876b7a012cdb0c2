"""What a recording costs the frames of a live session, in turns with none.

    python benchmarks/studies/recording_cost.py BUNDLE --rounds 5

Each round is a session without and one with a recording, 640 x 480 in grey at 30 frames a second,
with a dark spot that comes and goes every half second: clips of one second before and after are
written nearly all the time. Printed are the ages of the results and how long `submit` took.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

import sonoedge
from sonoedge import Analysed, Analysis, EngineOptions, Frame, Recording

PERIOD_S: Final = 1 / 30
Picture = npt.NDArray[np.uint8]


def pictures(count: int) -> list[Picture]:
    """Speckle, uint8 (480, 640), with a dark spot in every second half second."""
    rng = np.random.default_rng(0)
    coarse = [rng.uniform(60, 200, (60, 80)).astype(np.float32) for _ in range(8)]
    result = []
    for number in range(count):
        speckle = cv2.resize(coarse[number % 8], (640, 480)) + rng.normal(0, 6, (480, 640))
        picture = np.clip(speckle, 0, 255).astype(np.uint8)
        if number // 15 % 2:
            cv2.circle(picture, (300, 240), 70, (10,), -1)
        result.append(picture)
    return result


def session(
    bundle: Path, engine: EngineOptions, frames: Sequence[Picture], clips: Path | None
) -> tuple[list[float], list[float], int]:
    """One session; ages of the results and times of `submit` in milliseconds, clips written."""
    ages_ms: list[float] = []
    submits_ms: list[float] = []

    def note(analysis: Analysis) -> None:
        if isinstance(analysis, Analysed):
            ages_ms.append(analysis.age_ms)

    record = None if clips is None else Recording(folder=clips, before_s=1, after_s=1)
    with sonoedge.live(
        bundle, note, max_age_ms=10_000, deadline_ms=10_000, engine=engine, record=record
    ) as live:
        begin_s = time.monotonic()
        for number, pixels in enumerate(frames):
            time.sleep(max(0.0, begin_s + number * PERIOD_S - time.monotonic()))
            before_ns = time.perf_counter_ns()
            live.submit(Frame(pixels=pixels))
            submits_ms.append((time.perf_counter_ns() - before_ns) / 1e6)
        live.drain(30)
    live.finish_recording(120)
    recording = live.recording
    return ages_ms, submits_ms, 0 if recording is None else len(recording.clips)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Measure what a recording costs the frames.")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bundle's folder")
    parser.add_argument("--rounds", type=int, default=5, help="sessions of each kind")
    parser.add_argument("--frames", type=int, default=180, help="frames of a session")
    parser.add_argument("--runtime", default="auto", help="the engine's runtime")
    parser.add_argument("--threads", type=int, default=1, help="the engine's threads")
    args = parser.parse_args(argv)
    engine = EngineOptions(runtime=args.runtime, threads=args.threads)
    frames = pictures(args.frames)
    ages: dict[bool, list[float]] = {False: [], True: []}
    submits: dict[bool, list[float]] = {False: [], True: []}
    clips = 0
    for _ in range(args.rounds):
        for recorded in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "clips" if recorded else None
                ages_ms, submits_ms, written = session(args.bundle, engine, frames, out)
            ages[recorded] += ages_ms
            submits[recorded] += submits_ms
            clips += written
    for recorded in (False, True):
        age, submit = (np.percentile(v[recorded], (50, 90, 99)) for v in (ages, submits))
        name = f"recording, {clips} clips" if recorded else "no recording"
        print(
            f"{name:24} {len(ages[recorded])} results   age ms p50 {age[0]:.2f} p90 {age[1]:.2f} "
            f"p99 {age[2]:.2f}   submit ms p50 {submit[0]:.3f} p99 {submit[2]:.3f}"
        )
    ratios = [np.percentile(ages[True], p) / np.percentile(ages[False], p) for p in (50, 99)]
    print(f"with / without: age p50 x {ratios[0]:.2f}, p99 x {ratios[1]:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
