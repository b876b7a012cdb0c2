"""What decoding in a process of its own costs per frame.

    python -m studies.decoding [--frames N] [--rounds N]

Frames of 640 x 480 go through a reader that decodes nothing, so that what is left is the
way itself: the message, the two copies, the waking. Each round reads the frames once in
this process and once from a process of their own; a consumer that works a while between
frames, as an analysis does, shows what decoding ahead wins back.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from sonoedge.sources.child.reader import ChildReader
from sonoedge.sources.formats import load
from sonoedge.sources.picture import Contents, Picture

READER: Final = "studies.decoding:still"
_SHAPES: Final = {"grey": (480, 640), "bgr": (480, 640, 3)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Milliseconds per frame.

    Attributes:
        kind: "grey" or "bgr", 640 x 480.
        busy_ms: what the consumer works between two frames.
        here_ms, child_ms: from asking for a frame to having it, one median per round.
        start_ms: from nothing to an opened file, the process's start included.
    """

    kind: str
    busy_ms: float
    here_ms: tuple[float, ...]
    child_ms: tuple[float, ...]
    start_ms: tuple[float, ...]

    @property
    def price_ms(self) -> float:
        """What the process adds, by the medians of all rounds."""
        return statistics.median(self.child_ms) - statistics.median(self.here_ms)


def still(path: Path) -> Contents:
    """A reader of as many equal frames as the file's name says: KIND-N."""
    kind, _, count = path.name.partition("-")
    pixels = np.random.default_rng(7).integers(0, 255, _SHAPES[kind], dtype=np.uint8)

    def pictures() -> Generator[Picture, None, None]:
        for index in range(int(count)):
            yield Picture(pixels=pixels.copy(), time_s=index / 30, spacing_mm=(0.1, 0.1))

    return Contents(name=path.name, pictures=pictures, count=int(count), fps=30, times="own")


def price(
    kind: str,
    *,
    frames: int,
    rounds: int,
    busy_ms: float = 0.0,
    clock_ns: Callable[[], int] = time.perf_counter_ns,
) -> Price:
    """Measure one kind of frame, here and from a process, in turn."""
    path = Path(f"{kind}-{frames}")
    here, child, start = [], [], []
    for _ in range(rounds):
        here.append(_median_ms(load(READER)(path), busy_ms, clock_ns))
        with ChildReader() as reader:
            before = clock_ns()
            contents = reader.open(READER, path)
            start.append((clock_ns() - before) / 1e6)
            child.append(_median_ms(contents, busy_ms, clock_ns))
    return Price(
        kind=kind,
        busy_ms=busy_ms,
        here_ms=tuple(here),
        child_ms=tuple(child),
        start_ms=tuple(start),
    )


def _median_ms(contents: Contents, busy_ms: float, clock_ns: Callable[[], int]) -> float:
    samples = []
    pictures = contents.pictures()
    while True:
        before = clock_ns()
        picture = next(pictures, None)
        taken = clock_ns()
        if picture is None:
            return statistics.median(samples)
        samples.append((taken - before) / 1e6)
        while clock_ns() - taken < busy_ms * 1e6:
            pass


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line per kind; exit code 0."""
    parser = argparse.ArgumentParser(prog="python -m studies.decoding", description=__doc__)
    parser.add_argument("--frames", type=int, default=300, help="frames of each reading")
    parser.add_argument("--rounds", type=int, default=7, help="readings of each kind")
    parser.add_argument("--json", action="store_true", help="print every round's median")
    args = parser.parse_args(argv)
    prices = [
        price(kind, frames=args.frames, rounds=args.rounds, busy_ms=busy_ms)
        for kind in _SHAPES
        for busy_ms in (0.0, 5.0)
    ]
    if args.json:
        print(json.dumps([asdict(one) | {"price_ms": one.price_ms} for one in prices]))
        return 0
    print("640 x 480   between frames   here ms   child ms   price ms   start ms")
    for one in prices:
        print(
            f"{one.kind:12}{one.busy_ms:11.0f} ms{statistics.median(one.here_ms):13.3f}"
            f"{statistics.median(one.child_ms):11.3f}{one.price_ms:11.3f}"
            f"{statistics.median(one.start_ms):11.0f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
