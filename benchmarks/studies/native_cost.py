"""What surrounds an engine's call, in Python and in the native library, in turns.

    python -m studies.native_cost [--frames N] [--compiler gcc]

A 640 x 480 frame, a network of 192 x 256 with a map as large: the guard and the input, then
regions and tracks. Prints medians in microseconds, and how many times as fast C is; what Python
does around C's calls is in C's.
"""

from __future__ import annotations

import argparse
import ctypes as c
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.frame_path import Answer, PathSettings
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings, form
from sonoedge.native.library import load
from sonoedge.native.path import NativePaths
from sonoedge.processing.postprocess import (
    PostprocessSpec,
    frame_probs,
    is_finite,
    out_of_scope,
    regions,
)
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import Tensors, TensorSpec
from sonoedge.stream_memory import StreamMemory, scene

BUILD: Final = Path(__file__).resolve().parents[2] / "sdk/c/python/build_native.py"
HEIGHT, WIDTH = 192, 256
POST: Final = PostprocessSpec(labels=("benign", "malignant"), positive=("malignant",))
PRE: Final = PreprocessSpec(height=HEIGHT, width=WIDTH)
PACE_NS: Final = 33_333_333
Step = Callable[[], object]


def frames(channels: int) -> list[npt.NDArray[np.uint8]]:
    """Eight pictures like tissue."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(8):
        coarse = cv2.resize(rng.uniform(20, 140, (12, 16)), (640, 480))
        grey = np.clip(coarse * rng.uniform(0.7, 1.3, coarse.shape), 0, 255).astype(np.uint8)
        made.append(grey if channels == 1 else np.dstack([grey] * channels))
    return made


def answer() -> Tensors:
    """A map with one part, and probabilities."""
    lesion = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(lesion, (100, 90), 30, (220,), cv2.FILLED)
    lesion = np.asarray(cv2.GaussianBlur(lesion, (0, 0), 2), np.uint8)
    probs = np.array([[0.3, 0.7]], np.float32)
    return {"lesion_map": lesion[None, None], "class_probs": probs}


def pythons(maps: Tensors) -> Callable[[Frame], tuple[Step, Step]]:
    """Both steps of a frame."""
    settings, preprocess = GuardSettings(), Preprocess(PRE)
    memory = StreamMemory(settings, TrackingSettings(), POST.flag_threshold)

    def steps(frame: Frame) -> tuple[Step, Step]:
        def before() -> None:
            reason = form(frame, settings)
            geometry = preprocess.geometry(*frame.pixels.shape[:2], None, 1.0)
            reason = reason or memory.guard.content(frame, geometry.roi_px)
            assert reason is None, reason
            preprocess.fill(frame.pixels, geometry)

        def after() -> None:
            geometry = preprocess.geometry(*frame.pixels.shape[:2], None, 1.0)
            probs = frame_probs(POST, maps)
            assert is_finite(maps, probs)
            assert out_of_scope(POST, probs) is None
            found = regions(
                POST, maps, geometry, source_hw=(480, 640), spacing_mm=(0.1, 0.1), probs=probs
            )
            assert memory.tracker is not None
            memory.tracker.update(found, frame.captured_ns, scene(frame, geometry.roi_px, 1.0))

        return before, after

    return steps


def natives(library: c.CDLL, maps: Tensors) -> Callable[[Frame], tuple[Step, Step]]:
    """Both steps of a frame."""
    settings = PathSettings(
        preprocess=PRE, postprocess=POST, guard=GuardSettings(), tracking=TrackingSettings()
    )
    outputs = tuple(
        TensorSpec(name=name, dtype=values.dtype.name, shape=values.shape)
        for name, values in maps.items()
    )
    path = NativePaths(library, settings, outputs, answer=maps).path()
    preprocess = Preprocess(PRE)

    def steps(frame: Frame) -> tuple[Step, Step]:
        geometry = preprocess.geometry(*frame.pixels.shape[:2], None, 1.0)

        def before() -> None:
            reason = form(frame, settings.guard) or path.judge(frame, geometry)
            assert reason is None, reason
            path.fill(frame, geometry)

        def after() -> None:
            assert isinstance(path.find(frame, geometry, maps), Answer)
            path.track(frame, geometry)

        return before, after

    return steps


def main(argv: list[str] | None = None) -> None:
    """Print both steps of grey frames and of those in colour."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=400)
    parser.add_argument("--compiler", default="gcc")
    arguments = parser.parse_args(argv)
    maps = answer()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "frame.so"
        environment = os.environ | {"CC": arguments.compiler}
        subprocess.run([sys.executable, BUILD, built], check=True, env=environment)
        library = load(built)
        for name, channels in (("grey", 1), ("colour", 3)):
            sides = {"Python": pythons(maps), "C": natives(library, maps)}
            taken: dict[tuple[str, int], list[float]] = {}
            pictures = frames(channels)
            for n in range(arguments.frames):
                frame = Frame(
                    pixels=pictures[n % len(pictures)],
                    captured_ns=n * PACE_NS,
                    spacing_mm=(0.1, 0.1),
                )
                for side, steps in sides.items():
                    for step, call in enumerate(steps(frame)):
                        begin = time.perf_counter_ns()
                        call()
                        us = (time.perf_counter_ns() - begin) / 1e3
                        taken.setdefault((side, step), []).append(us)
            for step, what in enumerate(("guard and input", "regions and tracks")):
                python, native = (statistics.median(taken[side, step]) for side in sides)
                print(
                    f"{name:7} {what:19} Python {python:6.1f} us   C {native:6.1f} us   "
                    f"{python / native:4.1f} times as fast"
                )


if __name__ == "__main__":
    main()
