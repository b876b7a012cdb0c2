"""`sonoedge replay`: analyse a recording again, and compare."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import cv2

from sonoedge.errors import ReplayDiffers
from sonoedge.outputs.replay import lines
from sonoedge.recording.finding import find_bundle
from sonoedge.recording.reading import read_recording, recordings
from sonoedge.recording.replay import Replay, replay_clip
from sonoedge.settings import plain


def replay(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code.

    Raises:
        InvalidRecording: it cannot be read.
        ReplayDiffers: the bundle that was recorded answers otherwise now.
        SonoedgeError: as `sonoedge.open`.
    """
    args = parser().parse_args(argv)
    cv2.setNumThreads(1)  # as in a session's worker
    results: list[Replay] = []
    for folder in recordings(args.recording):
        clip = read_recording(folder)
        engine = clip.document.engine
        bundle = args.bundle or find_bundle(engine.manifest_sha256, engine.bundle_id, args.among)
        results.append(replay_clip(clip, bundle))
        if not args.json:
            print("\n".join(lines(results[-1], clip.document)), flush=True)
    if args.json:
        reports = [plain(r) | {"bit_identical": r.bit_identical} for r in results]
        print(json.dumps(reports, indent=1, allow_nan=False))
    differing = sum(len(result.differing) for result in results)
    if differing:
        names = ", ".join(result.name for result in results if result.differing)
        raise ReplayDiffers(
            f"{differing} of {sum(r.answered for r in results)} frames gave another answer than "
            f"when they were recorded ({names}); compare engine, packages and threads with the "
            "recording's"
        )
    return 0


def parser() -> argparse.ArgumentParser:
    """The verb's arguments."""
    parser = argparse.ArgumentParser(
        prog="sonoedge replay",
        description="Analyse what a live session recorded once more. With the bundle that was "
        "recorded, answers are compared to the last bit, on another machine within the golden "
        "tolerance; with another one, what changed is told.",
    )
    add = parser.add_argument
    add(
        "recording",
        type=Path,
        metavar="DIR",
        help="a clip's folder, or the folder that --record wrote clips into",
    )
    add(
        "--bundle",
        type=Path,
        metavar="BUNDLE",
        help="the bundle to analyse with; left out, the recorded one is found by its digest",
    )
    add(
        "--among",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="where to look for it: this folder, and those directly in it (default: here)",
    )
    add("--json", action="store_true", help="print the results as JSON")
    return parser
