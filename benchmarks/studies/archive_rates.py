"""What screening an archive costs, and how it grows: the figures of docs/how-to/archives.md.

    PYTHONPATH=tests python benchmarks/studies/archive_rates.py BUNDLE

Its archive is made anew: DICOM cines of grey frames of 640 x 480.
"""

from __future__ import annotations

import argparse
import functools
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

import sonoedge
from dicom_samples import write_dicom
from sonoedge import EngineOptions
from sonoedge.archive.items import Item, find_items
from sonoedge.archive.job import Job
from sonoedge.archive.parts import begin
from sonoedge.archive.report import write_report
from sonoedge.archive.run import Request, screen
from sonoedge.archive.screening import Screener
from sonoedge.archive.snapshot import take
from sonoedge.sources.child.reader import ChildReader
from sonoedge.sources.formats import DICOM
from sonoedge.sources.source import Source

WORKERS = (1, 2, 4)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a part costs above taking and analysing its frames: milliseconds of processor time.

    Attributes:
        per_item_ms, per_frame_ms: of them.
        digest_ms: of a frame's share, what reading its bytes for the digest takes.
    """

    per_item_ms: float
    per_frame_ms: float
    digest_ms: float


def write_cines(folder: Path, items: int, frames: int) -> Path:
    """An archive of so many cines, each of its own noise."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(items):
        noise = rng.integers(130, 190, (frames, 480, 640), dtype=np.uint8)
        for frame in noise:
            cv2.circle(frame, (200 + number % 100, 240), 60, (12,), -1)
        write_dicom(folder / f"{number:05d}.dcm", noise)
    return folder


def cost(bundle: Path, place: Path, *, rounds: int) -> Cost:
    """The cost of a part, from items of 1 and of 100 frames, in turns with analysing them alone."""
    archive = place / "cost"
    for frames in (1, 100):
        write_cines(archive / str(frames), 1, frames)
    time.sleep(2.1)  # younger files are read once more at the end: their times tell too little
    job = Job(archive=str(archive), out=str(place / "parts"), bundle=str(bundle), variant=None)
    parts = begin(Path(job.out), {"schema_version": 1})
    extra: dict[int, list[float]] = {1: [], 100: []}
    with (
        sonoedge.open(bundle, EngineOptions(threads=1)) as analyser,
        ChildReader() as reader,
    ):
        screener = Screener(job, parts, analyser, reader)

        def alone(item: Item) -> None:
            contents = reader.open(DICOM.reader, archive / item.path)
            with closing(iter(Source(contents))) as pictures:
                for frame in pictures:
                    analyser.analyse(frame)
            analyser.forget()

        for _ in range(rounds):
            for frames, samples in extra.items():
                item = Item(path=f"{frames}/00000.dcm")
                parts.path(item.id).unlink(missing_ok=True)
                made = _cpu_ms(functools.partial(screener.screen, item))
                samples.append(made - _cpu_ms(functools.partial(alone, item)))
    one, hundred = (statistics.median(extra[frames]) for frames in (1, 100))
    per_frame = (hundred - one) / 99
    item = Item(path="100/00000.dcm")
    digest = [_cpu_ms(lambda: take(item, archive, follow=False)) for _ in range(rounds)]
    return Cost(
        per_item_ms=one - per_frame,
        per_frame_ms=per_frame,
        digest_ms=statistics.median(digest) / 100,
    )


def main(argv: list[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--resumed", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args(argv)
    bundle = args.bundle.resolve()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        archive = write_cines(place / "archive", args.items, args.frames)
        for workers in WORKERS:
            seconds = _screened(bundle, archive, place / f"out{workers}", workers)
            rate = args.items * args.frames / seconds
            print(f"{workers} workers: {seconds:.1f} s, {rate:.0f} frames a second")
        size = sum(p.stat().st_size for p in (place / "out1" / "parts").rglob("*.jsonl"))
        print(f"parts: {size / args.items / args.frames:.0f} bytes a frame")
        measured = cost(bundle, place, rounds=args.rounds)
        print(
            f"a part costs {measured.per_item_ms:.2f} ms of processor time, and "
            f"{measured.per_frame_ms:.3f} ms for each frame, {measured.digest_ms:.3f} of it "
            "for the digest"
        )
        _resume(bundle, place, args.resumed)


def _resume(bundle: Path, place: Path, count: int) -> None:
    """Items that are done already: the same small file under so many names."""
    archive = place / "many"
    (one,) = find_items(write_cines(place / "one", 1, 1))
    archive.mkdir()
    for number in range(count):
        os.link(place / "one" / one.path, archive / f"{number:06d}.dcm")
    out = place / "resumed"
    print(f"{count} items of one frame: {_screened(bundle, archive, out, 2):.1f} s")
    print(f"again, all read: {_screened(bundle, archive, out, 2):.1f} s")
    print(f"again, times trusted: {_screened(bundle, archive, out, 2, trust=True):.1f} s")
    print(f"report: {_ms(lambda: write_report(out)) / 1e3:.1f} s")


def _screened(
    bundle: Path, archive: Path, out: Path, workers: int, *, trust: bool = False
) -> float:
    job = Job(archive=str(archive), out=str(out), bundle=str(bundle), variant=None)
    begin_s = time.monotonic()
    screen(Request(job=job, workers=workers, trust_mtime=trust))
    return time.monotonic() - begin_s


def _cpu_ms(call: Callable[[], object]) -> float:
    """Of this process: decoding is another one's, and so is what else the machine does."""
    begin_ns = time.process_time_ns()
    call()
    return (time.process_time_ns() - begin_ns) / 1e6


def _ms(call: Callable[[], object]) -> float:
    begin_ns = time.monotonic_ns()
    call()
    return (time.monotonic_ns() - begin_ns) / 1e6


if __name__ == "__main__":
    main()
