"""`sonoedge explain`: what a frame's suspicion hangs on, by the device's own graph."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2

from sonoedge import sources
from sonoedge.bundle import read_bundle
from sonoedge.engines import open as opening
from sonoedge.errors import ExplanationRefused, InvalidSettings
from sonoedge.explain.methods import METHODS
from sonoedge.explain.page import page
from sonoedge.explain.question import MOST_CALLS
from sonoedge.explain.report import Explained
from sonoedge.explain.report import explain as explain_frame
from sonoedge.frames import Frame
from sonoedge.outputs.place import check_output
from sonoedge.outputs.whole_file import write_whole
from sonoedge.outputs.wording import verdict
from sonoedge.terminal.progress import Progress
from sonoedge.terminal.termination import termination
from sonoedge.verbs.engine_arguments import add_engine_arguments, engine_options


def explain(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code.

    Raises:
        ExplanationRefused: the map tells no more than chance; the outputs say so, without it.
        NothingAnalysed: the frame is not analysed.
        SonoedgeError: the bundle, the frame or an output cannot be used.
    """
    args = _parser().parse_args(argv)
    check_output("--html", args.html, args.frame, args.bundle)
    bundle = read_bundle(args.bundle)
    frame = _frame(args.frame, args.number)
    cv2.setNumThreads(1)
    progress = Progress(MOST_CALLS)
    with (
        termination(),
        opening.open(args.bundle, engine_options(args), tracking=False) as analyser,
    ):
        print(f"variant {analyser.choice}", file=sys.stderr)
        try:
            explained = explain_frame(
                bundle,
                analyser,
                frame,
                args.method,
                lambda calls: progress.show(calls, "engine calls"),
            )
        finally:
            progress.clear()
    if args.html is not None:
        write_whole("the page", args.html, page(explained).encode())
    if args.json:
        print(json.dumps(explained.plain(), indent=1, allow_nan=False))
    else:
        print("\n".join(_lines(explained, args.html)))
    if not explained.deletion.drawn:
        raise ExplanationRefused(explained.sentence())
    return 0


def _frame(path: str, number: int) -> Frame:
    with sources.open_source(path) as source:
        frame = next(itertools.islice(source, number, None), None)
    if frame is None:
        raise InvalidSettings(f"--frame-number is {number}; the source has fewer frames")
    return frame


def _lines(explained: Explained, html: Path | None) -> list[str]:
    deletion, stability = explained.deletion, explained.made.stability
    figure, chance, needed = deletion.texts()
    lines = [
        f"{explained.method} by {explained.calls} calls of {explained.result.origin.variant}",
        f"  verdict on the frame         {verdict(explained.result)}",
        f"  suspicion that is followed   {explained.suspicion:.3f}",
        f"  falls by, map blurred        {figure}",
        f"  falls by, chance             {chance}",
        f"  needed for a map             {needed}",
    ]
    if stability is not None:
        lines.append(f"  two halves agree to          {stability:.2f}, rank correlation")
    lines.append("  map                          " + ("drawn" if deletion.drawn else "NOT DRAWN"))
    if deletion.drawn and html is None:
        lines.append("--html FILE shows it on a page")
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge explain",
        description="Show what a frame's suspicion hangs on: parts of the picture are blurred and "
        f"the engine is asked again, {MOST_CALLS} times at most. A map whose deletion figure is "
        "not three times chance is not drawn, and the exit code is 3. Not for diagnosis.",
    )
    add = parser.add_argument
    add("bundle", metavar="BUNDLE", help="the bundle's folder, or store:PATH")
    add("frame", metavar="FRAME", help="a picture; of a clip, its first frame")
    add("--frame-number", dest="number", type=_number, default=0, metavar="N", help="from 0")
    add(
        "--method",
        choices=tuple(METHODS),
        default="occlusion",
        metavar="NAME",
        help="occlusion (the default), or lime, which is less stable",
    )
    add("--html", type=Path, metavar="FILE", help="a page with the map; it holds the picture")
    add("--json", action="store_true", help="print figures and map as JSON")
    add_engine_arguments(parser)
    return parser


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) > 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, 0 to 1000000")
    return int(text)
