"""The least code around an engine, beside the whole analysis, in turns in one process.

    python benchmarks/peers/minimal_loop.py BUNDLE [--variant ID]

The loop resizes, runs, thresholds, finds outlines and takes a mean: no guard, no
geometry for other sizes, no sub-cell contours, no outcome when something fails. What it
costs above the bare engine is the floor on this machine; the rest is what those cost.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

import sonoedge
from sonoedge import EngineOptions
from sonoedge.bundle import read_bundle
from sonoedge.processing.preprocess import Preprocess
from sonoedge.runtime import Runtime
from sonoedge.terminal.progress import Progress

Picture = npt.NDArray[np.uint8]


def minimal(engine: Runtime, picture: Picture, tensor: Picture, level: int) -> list[float]:
    """640 x 480 letterboxed into 256 x 256; one mean grade per picture with a region."""
    tensor[0, 0, 32:224] = cv2.resize(picture, (256, 192), interpolation=cv2.INTER_LINEAR)
    answer = engine.infer({"frame": tensor})
    inside = np.asarray(answer["lesion_map"][0, 0, 16:112], dtype=np.uint8)
    _, mask = cv2.threshold(inside, level - 1, 255, cv2.THRESH_BINARY)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    grade = np.asarray(answer["malignancy_map"][0, 0, 16:112], dtype=np.uint8)
    return [cv2.mean(grade, mask)[0] / 255 for _ in outlines[:1]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--variant")
    parser.add_argument("--frames", type=int, default=300)
    args = parser.parse_args()
    bundle = read_bundle(args.bundle)
    pictures = [
        np.asarray(cv2.resize(p, (640, 480), interpolation=cv2.INTER_AREA), dtype=np.uint8)
        for p in bundle.golden_frames()
    ]
    scale = Preprocess(bundle.manifest.preprocess)
    tensors = [scale(p)[0].copy() for p in pictures]
    level = bundle.manifest.postprocess.level
    samples: dict[str, list[float]] = {"bare engine": [], "minimal loop": [], "analyse": []}
    with sonoedge.open(args.bundle, EngineOptions(variant=args.variant)) as analyser:
        engine, scratch = analyser.engine, tensors[0].copy()
        progress = Progress(args.frames + 15)
        for turn in range(args.frames + 15):
            progress.show(turn + 1, "frames")
            picture, tensor = pictures[turn % len(pictures)], tensors[turn % len(pictures)]
            calls = [
                ("bare engine", lambda t=tensor: engine.infer({"frame": t})),
                ("minimal loop", lambda p=picture: minimal(engine, p, scratch, level)),
                ("analyse", lambda p=picture: analyser.analyse(sonoedge.Frame(pixels=p))),
            ]
            first = turn % 3
            for name, call in calls[first:] + calls[:first]:
                start = time.monotonic_ns()
                call()
                if turn >= 15:
                    samples[name].append((time.monotonic_ns() - start) / 1e6)
        progress.clear()
        print(f"{analyser.origin.variant}, {args.frames} frames of 640 x 480")
    bare = np.array(samples["bare engine"])
    for name, values in samples.items():
        above = np.array(values) - bare
        print(f"{name:<14} p50 {np.median(values):7.2f} ms, above bare {np.median(above):6.3f} ms")


if __name__ == "__main__":
    main()
