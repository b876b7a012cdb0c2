"""What it costs to measure a region, and that analysing costs the same with it and without.

    python -m studies.measure_cost BUNDLE FOLDER [--rounds N] [--variant ID]

FOLDER holds a frames.json. The bundle's own regions are measured. Prints
milliseconds of the processor for a region (p50, p99: the least of the rounds for each region), of
the whole and by group, and for an analysis by an analyser that measures and by one that does not;
their difference is of pairs in turn, by one engine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

import sonoedge
from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed, Region
from sonoedge.bundle import read_bundle
from sonoedge.describing import Describer
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import InvalidData, SonoedgeError
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.measure import GROUPS, MeasureSettings, measure

WARM_UP: Final = 3
LIMITS_MS: Final = {"p50": 1.5, "p99": 3.0}
BOUND_MS: Final = 0.02  # of an analysis, with against without


def frames_of(folder: Path, split: str | None = None) -> list[Frame]:
    """The pictures of a frames.json that show a lesion, of one split or of all.

    Raises:
        InvalidData: it cannot be read.
    """
    try:
        rows = json.loads((folder / "frames.json").read_text(encoding="utf-8"))["frames"]
        rows = [row for row in rows if split is None or row["split"] == split]
        files = [folder / row["image"] for row in rows if row["label"] != "normal"]
    except (OSError, ValueError, KeyError) as error:
        raise InvalidData(f"{folder.name}/frames.json: {type(error).__name__}") from None
    pictures = [cv2.imread(str(file), cv2.IMREAD_GRAYSCALE) for file in files]
    return [Frame(pixels=np.asarray(p, dtype=np.uint8)) for p in pictures if p is not None]


def timed_ms(call: Callable[[], object]) -> float:
    """Milliseconds of this thread on the processor."""
    begin = time.thread_time_ns()
    call()
    return (time.thread_time_ns() - begin) / 1e6


def least_ms(
    regions: Sequence[tuple[Frame, Region]], settings: MeasureSettings, rounds: int
) -> list[float]:
    """For each region, the least of its rounds."""
    samples = [
        [
            timed_ms(lambda f=frame, r=region: measure(f.pixels, r, settings=settings))  # type: ignore[misc]
            for frame, region in regions
        ]
        for _ in range(rounds + WARM_UP)
    ]
    return [min(each) for each in zip(*samples[WARM_UP:], strict=True)]


def line(name: str, samples: Sequence[float]) -> str:
    """A row of the table."""
    p50, p99 = np.percentile(samples, [50, 99])
    return f"{name:24} {p50:8.3f} {p99:8.3f}"


def in_turn(
    analyser: Analyser, describer: Describer, frames: Sequence[Frame], rounds: int
) -> list[tuple[float, float]]:
    """Milliseconds of an analysis with the describer and without, frame by frame.

    Both are of one engine: two of them differ by more than what is looked for. Which goes first
    changes from frame to frame, as the second finds the picture in the caches.
    """
    pairs = []
    for number, frame in enumerate(frame for _ in range(rounds) for frame in frames):
        times = {}
        for measuring in (True, False) if number % 2 else (False, True):
            analyser._describer = describer if measuring else None
            times[measuring] = timed_ms(lambda f=frame: analyser.analyse(f))  # type: ignore[misc]
        pairs.append((times[True], times[False]))
    return pairs


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m studies.measure_cost")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--variant", default="onnxruntime-int8")
    parser.add_argument("--rounds", type=int, default=7, metavar="N")
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    guard = GuardSettings(frozen_after_ms=None)
    try:
        frames = frames_of(args.folder)
        preprocess = read_bundle(args.bundle).manifest.preprocess
        options = EngineOptions(variant=args.variant)
        analyser = sonoedge.open(args.bundle, options, guard=guard, tracking=False)
    except SonoedgeError as error:
        print(f"measure_cost: {error.token}: {error}", file=sys.stderr)
        return error.exit_code
    with analyser:
        answers = [(frame, analyser.analyse(frame)) for frame in frames]
        regions = [
            (frame, region)
            for frame, analysis in answers
            if isinstance(analysis, Analysed)
            for region in analysis.regions[:1]
        ]
        print(f"{len(regions)} regions of {len(frames)} frames; ms of the processor")
        print(f"{'':24} {'p50':>8} {'p99':>8}   limits {LIMITS_MS['p50']}, {LIMITS_MS['p99']}")
        print(line("all groups", least_ms(regions, MeasureSettings(), args.rounds)))
        for group in GROUPS:
            alone = MeasureSettings(groups=(group,))
            print(line(f"  {group} alone", least_ms(regions, alone, args.rounds)))
        describer = Describer(MeasureSettings(), preprocess, guard)
        pairs = in_turn(analyser, describer, [frame for frame, _ in regions], args.rounds)
        print(line("analyse, measuring", [a for a, _ in pairs]))
        print(line("analyse, without", [b for _, b in pairs]))
        difference = statistics.median(a - b for a, b in pairs)
        print(f"median difference {difference:+.4f}; limit {BOUND_MS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
