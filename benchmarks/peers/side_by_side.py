"""Ours beside what a user would pick instead: one network, the same frames, in turns.

    python benchmarks/peers/side_by_side.py RECIPE BUNDLE [--size 640x480] [--frames 60]

Every peer builds its own engine from the trained network and makes, for each frame, its engine's
call alone and the whole way from the frame to outlines in the frame's pixels. "Around it" is
what a frame takes outside its own engine call. Then, without a clock, each peer's regions of
all labelled frames are held against the labels (Dice, mean of the frames that have a lesion) and
against those of the first variant of ours (IoU of all pixels inside; share of its graded frames
with the same flag). A peer whose package is missing has a row that says how it comes:

    pip install --no-deps --target build/peers -r benchmarks/peers/requirements.txt
    PYTHONPATH=build/peers python benchmarks/peers/side_by_side.py ...
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # torch's threads must not disturb others
os.environ.setdefault("GOMP_SPINCOUNT", "0")

from accuracy import judge
from machine_line import machine_line
from roster import PEERS, Absent, roster
from rows import figures, markdown, terminal
from subject import read_subject
from turns import COLUMNS, WARM_UP, turns

from frames import frames
from sonoedge.device.cpu import usable_threads
from sonoedge.errors import SonoedgeError
from sonoedge.terminal.progress import Progress
from sonoedge_export.recipe.recipe import read_recipe


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
    recipe = subject.recipe
    files, split = (
        (args.source, args.split)
        if args.source
        else (recipe.files.evaluation, args.split or recipe.data.split)
    )
    labelled = frames(files, split, (width, height))
    everyone = list(roster(subject, args.peers))
    peers = [each for each in everyone if not isinstance(each, Absent)]
    absent = [each for each in everyone if isinstance(each, Absent)]
    progress = Progress(WARM_UP + args.frames)
    pictures = [each.pixels for each in labelled]
    samples = turns(peers, pictures, args.frames, lambda n: progress.show(n, "turns"))
    progress.clear()
    progress = Progress(len(labelled))
    tallies = judge(peers, labelled, lambda n: progress.show(n, "frames judged"))
    progress.clear()
    rows = {
        peer.name: figures(rows, tally)
        for peer, rows, tally in zip(peers, samples, tallies, strict=True)
    }
    conditions = (
        f"{args.frames} turns, {len(labelled)} frames of {args.size}, {subject.threads} threads, "
        "milliseconds"
    )
    print(conditions)
    for line in terminal(rows, absent):
        print(line)
    if args.markdown:
        lines = [f"{conditions}. {machine_line()}", "", *markdown(rows, absent)]
        args.markdown.write_text("\n".join(lines) + "\n")
    if args.json:
        kept = {peer.name: each for peer, each in zip(peers, samples, strict=True)}
        left = {each.name: each.why for each in absent}
        document = {"columns": COLUMNS, "ms": kept, "figures": rows, "absent": left}
        args.json.write_text(json.dumps(document))
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--data-root", type=Path, help="what {data} in the recipe stands for")
    parser.add_argument(
        "--source", type=Path, nargs="+", help="each a frames.json; the recipe's if not"
    )
    parser.add_argument("--split", help="of the frames; the recipe's for its own, else all")
    parser.add_argument("--size", default="640x480")
    parser.add_argument("--frames", type=int, default=60, help="turns that are timed")
    parser.add_argument("--threads", type=int)
    names = [entry.name for entry in PEERS]
    parser.add_argument(
        "--peers", nargs="*", choices=names, metavar="NAME", help=f"these alone: {'; '.join(names)}"
    )
    parser.add_argument("--markdown", type=Path, help="write the table, with every column")
    parser.add_argument("--json", type=Path, help="keep every sample and figure")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
