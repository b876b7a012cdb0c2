"""What the library in process costs: opening, memory, and the time around the engine's call.

    python -m studies.native_library BUNDLE --variant ID [--frames N] [--rounds N]

C and Python take turns, over the same grey frames of 640 x 480, one thread each. Prints medians;
`--json` keeps every sample. Needs gcc, and ONNX Runtime's wheel.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

import sonoedge
from sonoedge.engines.options import EngineOptions
from sonoedge.frames import Frame
from studies.pan import Pan, pan

IMAGES: Final = Path(__file__).resolve().parents[2] / "examples/data/breast_usg/images"
C: Final = Path(__file__).resolve().parents[2] / "sdk/c"
SIZE: Final = (640, 480)
Pictures = Sequence[npt.NDArray[np.uint8]]


def views(count: int) -> Iterator[npt.NDArray[np.uint8]]:
    """Frames of pans over the example stills, each still's for a second and a half."""
    rng = np.random.default_rng(0)
    for file in itertools.cycle(sorted(IMAGES.glob("*.png"))):
        still = np.asarray(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
        for view in pan(still, np.zeros_like(still), Pan(frames=45), rng):
            if count == 0:
                return
            count -= 1
            yield np.asarray(cv2.resize(view.pixels, SIZE), dtype=np.uint8)


def built(folder: Path) -> Path:
    """The C program, with the whole library in it."""
    out = folder / "native_library"
    sources = [*C.glob("common/*.c"), *C.glob("core/*.c"), *C.glob("core/*/*.c")]
    command = ["gcc", "-std=c99", "-O3", "-ffp-contract=off", f"-I{C}", "-o", out]
    command += [Path(__file__).with_suffix(".c"), *sources, "-lm", "-ldl"]
    subprocess.run(list(map(str, command)), check=True)
    return out


def in_c(program: Path, bundle: Path, variant: str, library: Path, frames: Path) -> dict[str, Any]:
    """One round in a process of its own: times in nanoseconds, memory in KiB."""
    width, height = map(str, SIZE)
    words = [program, bundle, variant, library, frames, width, height]
    text = subprocess.run(
        list(map(str, words)), check=True, capture_output=True, text=True
    ).stdout.splitlines()
    rows = [line.split() for line in text]
    return {
        "open_ns": next(int(row[1]) for row in rows if row[0] == "open"),
        "resident_kib": next(int(row[1]) for row in rows if row[0] == "resident"),
        "around_ns": [int(row[1]) for row in rows if row[0] == "frame"],
        "engine_ns": [int(row[2]) for row in rows if row[0] == "frame"],
        "regions": sum(int(row[3]) for row in rows if row[0] == "frame"),
    }


def in_python(bundle: Path, variant: str, pictures: Pictures) -> dict[str, Any]:
    """One round in this process, whose imports have been made."""
    begin = time.perf_counter_ns()
    with sonoedge.open(bundle, EngineOptions(variant=variant, threads=1)) as analyser:
        opened = time.perf_counter_ns() - begin
        analyses = [analyser.analyse(Frame(pixels=picture)) for picture in pictures]
    stages = [
        analysis.stages_ms for analysis in analyses if isinstance(analysis, sonoedge.Analysed)
    ]
    return {
        "open_ns": opened,
        "around_ns": [round((sum(s.values()) - s["engine"]) * 1e6) for s in stages],
        "engine_ns": [round(s["engine"] * 1e6) for s in stages],
        "regions": sum(
            len(analysis.regions)
            for analysis in analyses
            if isinstance(analysis, sonoedge.Analysed)
        ),
    }


def report(c: list[dict[str, Any]], python: list[dict[str, Any]]) -> str:
    """Medians over all rounds, as lines."""
    lines = []
    for name, rounds in (("C", c), ("Python", python)):
        around, engine = (
            statistics.median(value for each in rounds for value in each[key]) / 1e6
            for key in ("around_ns", "engine_ns")
        )
        opened = statistics.median(each["open_ns"] for each in rounds) / 1e9
        frames = sum(len(each["around_ns"]) for each in rounds)
        regions = sum(each["regions"] for each in rounds)
        lines.append(
            f"{name}: open {opened:.3f} s, around the engine {around:.3f} ms, engine "
            f"{engine:.3f} ms (p50 of {frames} frames, {regions} regions)"
        )
    kib = max(each["resident_kib"] for each in c)
    lines.append(f"C: {kib / 1024:.1f} MiB resident after the last frame")
    return "\n".join(lines)


def onnxruntime_library() -> Path:
    """libonnxruntime.so of the wheel."""
    import onnxruntime

    return next((Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.*"))


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--variant", required=True)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(argv)
    pictures = list(views(given.frames))
    library = onnxruntime_library()
    c, python = [], []
    with tempfile.TemporaryDirectory() as scratch:
        program, frames = built(Path(scratch)), Path(scratch) / "frames"
        frames.write_bytes(b"".join(picture.tobytes() for picture in pictures))
        for _ in range(given.rounds):
            c.append(in_c(program, given.bundle, given.variant, library, frames))
            python.append(in_python(given.bundle, given.variant, pictures))
    if given.json is not None:
        given.json.write_text(json.dumps({"c": c, "python": python}))
    print(report(c, python))


if __name__ == "__main__":
    main()
