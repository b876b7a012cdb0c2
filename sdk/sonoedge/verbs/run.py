"""`sonoedge run`: analyse the frames of a source."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2

from sonoedge import sources
from sonoedge.analyser import Analyser
from sonoedge.engines import open as opening
from sonoedge.errors import InvalidSettings
from sonoedge.frames import Frame
from sonoedge.outputs.jsonl import JsonLines
from sonoedge.outputs.overlay import draw
from sonoedge.outputs.summary import Tally, text
from sonoedge.outputs.video import DEFAULT_FPS, Writer, open_writer
from sonoedge.terminal.progress import Progress
from sonoedge.terminal.termination import EXIT_CODE, Terminated, termination
from sonoedge.verbs.engine_arguments import add_engine_arguments, engine_options

INTERRUPTED = 130


def run(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code.

    Raises:
        SonoedgeError: an argument, the bundle, the source or an output cannot be used.
            What was analysed until then is written and summed up.
    """
    args = _parser().parse_args(argv)
    if args.limit is not None and args.limit < 1:
        raise InvalidSettings("--limit must be 1 or more")
    for option, path in (("--jsonl", args.jsonl), ("--overlay", args.overlay)):
        if path and Path(path).resolve() == Path(args.source).resolve():
            raise InvalidSettings(f"{option} would overwrite the source; give another path")
    if args.live and args.overlay:
        raise InvalidSettings("--live draws no overlay; leave one of them out")
    if args.explain and not args.overlay:
        raise InvalidSettings("--explain is drawn by --overlay; give it a file or a folder")
    try:
        with termination():
            if args.live:
                return _live(args)
            return _files(args)
    except Terminated:
        return EXIT_CODE


def _live(args: argparse.Namespace) -> int:
    from sonoedge.verbs.run_live import run_live

    try:
        run_live(args)
    except Terminated:
        raise
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _files(args: argparse.Namespace) -> int:
    cv2.setNumThreads(1)  # pictures are small: OpenCV's pool would only disturb the engine's
    with ExitStack() as stack:
        analyser = stack.enter_context(
            opening.open(
                args.bundle,
                engine=engine_options(args),
                tracking=not args.stills,
                explain=args.explain,
            )
        )
        source = stack.enter_context(
            sources.open_source(args.source, realtime=args.realtime, fps=args.fps)
        )
        # Outputs last: a mistyped bundle must not cost the results of the run before.
        jsonl = stack.enter_context(JsonLines(args.jsonl)) if args.jsonl else None
        overlay = None
        if args.overlay:
            overlay = stack.enter_context(open_writer(args.overlay, source.fps or DEFAULT_FPS))
        print(f"variant {analyser.choice}", file=sys.stderr)
        tally = Tally()
        progress = Progress(_expected(source.count, args.limit))
        end = "failed"
        try:
            end = _loop(analyser, source, args.limit, jsonl, overlay, tally, progress)
        except Terminated:
            end = "terminated"
        except KeyboardInterrupt:
            end = "interrupted"
        finally:
            progress.clear()
            if tally.frames or end != "failed":
                report = _report(tally, end, analyser, source.name)
                print(json.dumps(report, allow_nan=False) if args.json else text(report))
                sys.stdout.flush()
    return {"interrupted": INTERRUPTED, "terminated": EXIT_CODE}.get(end, 0)


def _loop(
    analyser: Analyser,
    frames: Iterable[Frame],
    limit: int | None,
    jsonl: JsonLines | None,
    overlay: Writer | None,
    tally: Tally,
    progress: Progress,
) -> str:
    """Analyse frame by frame; returns why it ended."""
    for frame in frames:
        analysis = analyser.analyse(frame)
        tally.add(analysis)
        if jsonl is not None:
            jsonl.write(analysis)
        if overlay is not None:
            overlay.write(draw(frame, analysis))
        refused = tally.frames - tally.analysed
        progress.show(tally.frames, f"flagged {tally.flagged}, not analysed {refused}")
        if tally.frames == limit:
            return "limit"
    return "source ended"


def _expected(count: int | None, limit: int | None) -> int | None:
    """How many frames there will be, as far as that is known."""
    counts = [n for n in (count, limit) if n is not None]
    # Of a source without a count a limit is no promise either, but the best guess.
    return min(counts) if counts else None


def _report(tally: Tally, end: str, analyser: Analyser, source: str) -> dict[str, Any]:
    origin = analyser.origin
    return {
        **tally.report(),
        "ended": end,
        "source": source,
        "runtime": origin.runtime,
        "precision": origin.precision,
        "variant": origin.variant,
        "bundle_id": origin.bundle_id,
        "choice": analyser.choice,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge run",
        description="Analyse the frames of a source. Research use - not for diagnosis.",
    )
    add = parser.add_argument
    add("bundle", metavar="BUNDLE", help="the bundle's folder")
    add(
        "source",
        metavar="SOURCE",
        help="a picture, a folder of pictures, a video, a DICOM or MetaImage file, or a camera",
    )
    add_engine_arguments(parser)
    add("--jsonl", metavar="FILE", help="write one JSON object per frame")
    add(
        "--overlay",
        metavar="FILE.mp4|FOLDER",
        help="draw what was found: a video that browsers play, or a PNG per frame",
    )
    add(
        "--explain",
        action="store_true",
        help="tint each region in the overlay by the map that its suspicion was read from",
    )
    add(
        "--fps",
        type=float,
        metavar="N",
        help="the source's frames per second, where it does not say or says it wrongly",
    )
    add("--stills", action="store_true", help="the frames are no stream: no temporal flag")
    add("--limit", type=int, metavar="N", help="stop after so many frames")
    add(
        "--live",
        action="store_true",
        help="through a live session: newest frame wins, the engine in a process of its own; "
        "shows state, counters, ages and flags",
    )
    add("--realtime", action="store_true", help="give the frames at the pace of their recording")
    add("--json", action="store_true", help="print the summary as JSON")
    return parser
