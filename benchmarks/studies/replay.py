"""Does a recorded session give the same answers again, in processes of their own?

    python benchmarks/studies/replay.py BUNDLE --frames 1000 --folder FRAMES

One live session with tracking (worker process, fixed threads) analyses the frames, 640 x 480 in
grey, as fast as they are answered, and records all of them; every 50th comes with two that it
supersedes, and now and then pictures are black or stand still, so that the guard stops them. Then
two processes replay the recording, one after the other. The figure: frames whose answers are the
same to the last bit, in both.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

import sonoedge
from sonoedge import EngineOptions, Frame, Recording
from sonoedge.recording import read_recording, recordings

SIZE: Final = (640, 480)
PERIOD_NS: Final = 33_333_333
LONG_MS: Final = 3_600_000.0
Picture = npt.NDArray[np.uint8]


def pictures(count: int, folder: Path | None) -> Iterator[Picture]:
    """Stills that shake and drift as a probe does, or speckle with a dark spot."""
    stills = [] if folder is None else sorted(folder.glob("*.png"))[:20]
    rng = np.random.default_rng(0)
    still: Picture = np.zeros((1, 1), dtype=np.uint8)
    standing = still
    for number in range(count):
        if number % 60 == 0:
            still = _still(stills, number // 60)
        if number % 97 == 96:
            yield np.full(SIZE[::-1], 4, dtype=np.uint8)
        elif 500 <= number % 600 < 520 and number % 600 > 500:
            yield standing
        else:
            moved = np.roll(still, int(rng.integers(-4, 5)), axis=1).astype(np.int16)
            grain = rng.integers(-6, 7, moved.shape, dtype=np.int16)
            standing = np.clip(moved + grain, 0, 255).astype(np.uint8)
            yield standing


def _still(stills: Sequence[Path], number: int) -> Picture:
    if stills:
        read = cv2.imread(str(stills[number % len(stills)]), cv2.IMREAD_GRAYSCALE)
        if read is None:
            raise SystemExit(f"{stills[number % len(stills)].name} is no picture")
        return np.asarray(cv2.resize(read, SIZE), dtype=np.uint8)
    noise = np.random.default_rng(number).integers(140, 200, SIZE[::-1], dtype=np.uint8)
    if number % 3:
        cv2.circle(noise, (200 + 40 * (number % 5), 240), 70, (10,), -1)
    return noise


def record(
    bundle: Path, out: Path, frames: int, folder: Path | None, engine: EngineOptions
) -> None:
    """Record a session; its clock goes from frame to frame."""
    now_ns = time.monotonic_ns()
    with sonoedge.live(
        bundle,
        max_age_ms=LONG_MS,
        deadline_ms=60_000,
        engine=engine,
        clock_ns=lambda: now_ns,
        record=Recording(folder=out, before_s=600, after_s=600, memory_mb=4096, disk_mb=4096),
    ) as session:
        for number, pixels in enumerate(pictures(frames, folder)):
            now_ns += PERIOD_NS
            session.submit(Frame(pixels=pixels, captured_ns=now_ns, spacing_mm=(0.1, 0.1)))
            if number % 50 < 48 and not session.drain(120):
                raise SystemExit("the engine does not answer")
        session.drain(120)
    if not session.finish_recording(600) or session.recording is None or session.recording.failed:
        raise SystemExit(f"the recording failed: {session.recording}")


def replayed(bundle: Path, out: Path) -> list[dict[str, Any]]:
    """Replay in a process of its own; a report per clip."""
    words = [sys.executable, "-m", "sonoedge", "replay", str(out), "--bundle", str(bundle)]
    done = subprocess.run([*words, "--json"], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr)
    reports: list[dict[str, Any]] = json.loads(done.stdout)
    return reports


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; returns 0 where every answer was the same in both processes."""
    parser = argparse.ArgumentParser(description="Record a live session, and replay it twice.")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bundle's folder")
    parser.add_argument("--frames", type=int, default=1000, help="frames to record")
    parser.add_argument("--folder", type=Path, metavar="FRAMES", help="stills to make them of")
    parser.add_argument("--runtime", default="auto", help="the engine's runtime")
    parser.add_argument("--threads", type=int, default=2, help="the engine's threads")
    args = parser.parse_args(argv)
    engine = EngineOptions(runtime=args.runtime, threads=args.threads)
    same = True
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "clips"
        record(args.bundle, out, args.frames, args.folder, engine)
        for name in recordings(out):
            document = read_recording(name).document
            size = sum(file.bytes for file in document.files.values())
            print(
                f"{name.name}: {document.frames} frames, {size / 1e6:.1f} MB, "
                f"{document.engine.variant}, {document.engine.threads} threads, cut {document.cut}"
            )
        for process in (1, 2):
            for report in replayed(args.bundle, out):
                same = same and report["bit_identical"]
                print(
                    f"process {process}: {report['identical']} of {report['answered']} answers "
                    f"bit-identical; not answered {report['unanswered']}"
                )
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
