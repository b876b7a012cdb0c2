"""What an engine's call costs back to back and at a probe's pace, its threads free and pinned.

    python -m studies.placement BUNDLE [--variant ID...] [--fps 30] [--rounds 4]

Bare calls of each CPU variant on the bundle's golden frames, in blocks that take turns: with one
thread, with two that the kernel places, and with two that have a core each. Each block has a
process of its own: OpenVINO's engines share their threads, and what one has opened free no later
one can bind. A way that cannot be had is a row that says why. Prints p50 (p99) in milliseconds;
paced against the same engine back to back; and the processor's time of a paced call. It refuses
no busy machine: look at the load that it prints.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sonoedge.bundle import Variant, read_bundle
from sonoedge.device.cores import CannotPin
from sonoedge.engines.load import load
from sonoedge.engines.options import EngineOptions
from sonoedge.processing.preprocess import Preprocess
from sonoedge.runtime import PINNING, Runtime
from sonoedge.terminal.progress import Progress

WARM_UP_CALLS: Final = 5  # of each block: made, and not counted
WAYS: Final = {
    "1 thread": EngineOptions(threads=1, placement="free"),
    "2 free": EngineOptions(threads=2, placement="free"),
    "2 pinned": EngineOptions(threads=2, placement="pinned"),
}


class Sample(NamedTuple):
    """One call, in milliseconds: by the clock, and of all threads on a processor."""

    ms: float
    cpu_ms: float


class Block(NamedTuple):
    """Calls of one engine back to back and paced; or why its threads could not be placed so."""

    back: tuple[Sample, ...] = ()
    paced: tuple[Sample, ...] = ()
    why: str = ""


Blocks = dict[tuple[str, str], list[Block]]


def calls_of(
    engine: Runtime, tensors: Sequence[npt.NDArray[Any]], calls: int, fps: float | None
) -> Iterator[Sample]:
    """Calls at a pace, asleep in between, or back to back where there is no pace."""
    begin = time.monotonic()
    for number in range(WARM_UP_CALLS + calls):
        if fps is not None:
            time.sleep(max(0.0, begin + (number + 1) / fps - time.monotonic()))
        cpu_ns, start_ns = time.process_time_ns(), time.monotonic_ns()
        engine.infer({engine.inputs[0].name: tensors[number % len(tensors)]})
        ms = (time.monotonic_ns() - start_ns) / 1e6
        if number >= WARM_UP_CALLS:
            yield Sample(ms, (time.process_time_ns() - cpu_ns) / 1e6)


def block(folder: Path, variant: str, way: str, calls: int, fps: float) -> Block:
    """One engine, opened here, back to back and then paced."""
    bundle = read_bundle(folder)
    scale = Preprocess(bundle.manifest.preprocess)
    tensors = [scale(picture)[0].copy() for picture in bundle.golden_frames()]
    try:
        engine = load(bundle, bundle.variant(variant), options=WAYS[way]).engine
    except CannotPin as error:
        return Block(why=str(error))
    try:
        back, paced = (tuple(calls_of(engine, tensors, calls, pace)) for pace in (None, fps))
    finally:
        engine.close()
    return Block(back=back, paced=paced)


def measured(
    folder: Path, variants: Sequence[Variant], *, rounds: int, calls: int, fps: float
) -> Blocks:
    """Blocks by variant and way, in turns, each in a process of its own."""
    blocks: Blocks = {}
    spawn = multiprocessing.get_context("spawn")
    progress, done = Progress(rounds * len(variants) * len(WAYS)), 0
    for turn in range(rounds):
        for variant in variants:
            for way in list(WAYS)[:: 1 if turn % 2 == 0 else -1]:
                done += 1
                progress.show(done, f"{variant.id}, {way}")
                with spawn.Pool(1) as pool:
                    made = pool.apply(block, (folder, variant.id, way, calls, fps))
                blocks.setdefault((variant.id, way), []).append(made)
    progress.clear()
    return blocks


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--variant", action="append", help="may be given more than once")
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--calls", type=int, default=55, help="counted, of a block")
    args = parser.parse_args(argv)
    bundle = read_bundle(args.bundle)
    variants = [
        variant
        for variant in bundle.manifest.variants
        if variant.runtime in PINNING and variant.id in (args.variant or [variant.id])
    ]
    before = os.getloadavg()[0]
    blocks = measured(args.bundle, variants, rounds=args.rounds, calls=args.calls, fps=args.fps)
    head = f"{'variant':<26}{'threads':<11}{'back to back':>17}{f'{args.fps:g} fps':>17}"
    print(f"{head}{'ratio':>7}{'cpu ms':>8}")
    for variant in variants:
        for way in WAYS:
            print(f"{variant.id:<26}{way:<11}{_row(blocks[variant.id, way])}")
    print(f"load before and after: {before:.2f}, {os.getloadavg()[0]:.2f}")
    return 0


def _row(blocks: Sequence[Block]) -> str:
    why = next((b.why for b in blocks if b.why), "")
    if why:
        return f"  {why}"
    back, paced = ([s for b in blocks for s in getattr(b, name)] for name in ("back", "paced"))
    ratio = _p50(paced) / _p50(back)
    cpu_ms = statistics.median(sample.cpu_ms for sample in paced)
    return f"{_times(back):>17}{_times(paced):>17}{ratio:>7.2f}{cpu_ms:>8.2f}"


def _p50(samples: Sequence[Sample]) -> float:
    return statistics.median(sample.ms for sample in samples)


def _times(samples: Sequence[Sample]) -> str:
    p99 = float(np.percentile([sample.ms for sample in samples], 99))
    return f"{_p50(samples):.2f} ({p99:.2f})"


if __name__ == "__main__":
    sys.exit(main())
