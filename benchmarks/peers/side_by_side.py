"""Ours beside what a user would pick instead: one network, the same frames, in turns.

    python benchmarks/peers/side_by_side.py RECIPE BUNDLE [--size 640x480] [--frames 60]

Every peer makes, for each frame, its engine's call alone and the whole way from the
frame to outlines in the frame's pixels; which comes first alternates, and a call that is
not counted goes before, as the last engine was another one. "Around it" is what a frame
takes outside its own engine call. A peer whose package is missing is named and left out:

    pip install --no-deps --target build/peers -r benchmarks/peers/requirements.txt
    PYTHONPATH=build/peers python benchmarks/peers/side_by_side.py ...
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # torch's threads must not disturb others
os.environ.setdefault("GOMP_SPINCOUNT", "0")

import numpy as np
from bare_loops import BareOnnxRuntime, BareOpenVino
from float_loop import FloatLoop
from model_api_loop import ModelApi
from ours import Ours
from peer import Peer
from pictures import filled
from subject import Outlines, Picture, Subject, read_subject
from torch_loops import MonaiTorch, TorchEager

from frames import frames
from sonoedge.device.cpu import usable_threads
from sonoedge.errors import MissingDependency, RuntimeUnavailable, SonoedgeError
from sonoedge.terminal.progress import Progress
from sonoedge_export.recipe.recipe import read_recipe

PEERS: tuple[Callable[[Subject], Peer], ...] = (
    BareOnnxRuntime,
    BareOpenVino,
    FloatLoop,
    ModelApi,
    MonaiTorch,
    TorchEager,
)
WARM_UP = 5


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    args = _arguments(argv)
    try:
        return _measure(args)
    except SonoedgeError as error:
        print(f"side_by_side: {error.token}: {error}", file=sys.stderr)
        return error.exit_code


def _measure(args: argparse.Namespace) -> int:
    width, height = (int(n) for n in args.size.split("x"))
    subject = read_subject(
        read_recipe(args.recipe, args.data_root),
        args.bundle,
        frame_hw=(height, width),
        threads=args.threads or usable_threads(),
    )
    source = args.source or subject.recipe.path(subject.recipe.data.frames[0])
    pictures = frames(source, (width, height))
    peers = list(_peers(subject))
    samples: dict[str, list[tuple[float, ...]]] = {p.name: [] for p in peers}
    outlines_by_peer: dict[str, list[Outlines]] = {p.name: [] for p in peers}
    progress = Progress(WARM_UP + args.frames)
    for turn in range(WARM_UP + args.frames):
        picture, first = pictures[turn % len(pictures)], turn % len(peers)
        for peer in peers[first:] + peers[:first]:
            peer.prepare(picture)
            peer.bare()
            outlines, row = _timed(peer, picture, total_first=turn % 2 == 0)
            if turn >= WARM_UP:
                samples[peer.name].append(row)
                outlines_by_peer[peer.name].append(outlines)
        progress.show(turn + 1, "frames")
    progress.clear()
    print(f"{args.frames} frames of {args.size}, {subject.threads} threads, milliseconds")
    for line in _table(peers, samples, outlines_by_peer, (height, width)):
        print(line)
    if args.json:
        args.json.write_text(
            json.dumps({"columns": ["total", "bare", "cpu", "around"], "ms": samples})
        )
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--data-root", type=Path, help="what {data} in the recipe stands for")
    parser.add_argument("--source", type=Path, help="a frames.json; the recipe's if not")
    parser.add_argument("--size", default="640x480")
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--json", type=Path, help="keep every sample")
    return parser.parse_args(argv)


def _peers(subject: Subject) -> Iterator[Peer]:
    """Ours first: the first of them is what the others' regions are compared with."""
    for variant in subject.bundle.manifest.variants:
        try:
            yield Ours(subject, variant.id)
        except (MissingDependency, RuntimeUnavailable) as error:
            print(f"left out: {variant.id}: {error}", file=sys.stderr)
    for make in PEERS:
        try:
            yield make(subject)
        except (ModuleNotFoundError, MissingDependency) as error:
            print(f"left out: {make.__name__}: {error}", file=sys.stderr)


def _timed(
    peer: Peer, picture: Picture, *, total_first: bool
) -> tuple[Outlines, tuple[float, ...]]:
    """Outlines; milliseconds of the whole, of the engine alone, of all processors, around it."""
    outlines: Outlines = []
    total = bare = cpu = 0.0
    for is_total in (total_first, not total_first):
        cpu_start, start = time.process_time_ns(), time.monotonic_ns()
        if is_total:
            outlines = peer.regions(picture)
            total = (time.monotonic_ns() - start) / 1e6
            cpu = (time.process_time_ns() - cpu_start) / 1e6
        else:
            peer.bare()
            bare = (time.monotonic_ns() - start) / 1e6
    return outlines, (total, bare, cpu, total - peer.engine_ms)


def _table(
    peers: Sequence[Peer],
    samples: dict[str, list[tuple[float, ...]]],
    outlines_by_peer: dict[str, list[Outlines]],
    frame_hw: tuple[int, int],
) -> Iterator[str]:
    """The rows, in Markdown, the fastest first."""
    heads = ("", "p50", "p90", "p99", "bare engine p50", "around it p50", "p99", "CPU")
    yield f"| {' | '.join((*heads, 'regions', 'IoU'))} |"
    yield "|---" * (len(heads) + 2) + "|"
    reference = [filled(o, frame_hw) for o in outlines_by_peer[peers[0].name]]
    for peer in sorted(peers, key=lambda p: float(np.median([s[0] for s in samples[p.name]]))):
        total, bare, cpu, around = np.array(samples[peer.name]).T
        p50, p90, p99 = np.percentile(total, (50, 90, 99))
        above = np.percentile(around, (50, 99))
        masks = [filled(o, frame_hw) for o in outlines_by_peer[peer.name]]
        intersection = sum(int((a & b).sum()) for a, b in zip(masks, reference, strict=True))
        union = sum(int((a | b).sum()) for a, b in zip(masks, reference, strict=True))
        yield (
            f"| {peer.name} | {p50:.2f} | {p90:.2f} | {p99:.2f} | {np.median(bare):.2f} "
            f"| {above[0]:.2f} | {above[1]:.2f} | {np.median(cpu):.1f} "
            f"| {sum(len(o) for o in outlines_by_peer[peer.name])} "
            f"| {intersection / max(1, union):.3f} |"
        )


if __name__ == "__main__":
    sys.exit(main())
