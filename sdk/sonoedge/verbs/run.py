"""`sonoedge run`: analyse the frames of a source."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from sonoedge.errors import InvalidSettings
from sonoedge.outputs.jsonl import STDOUT
from sonoedge.outputs.overlay.guide import guide_from
from sonoedge.outputs.own_inputs import check_not_input
from sonoedge.outputs.place import check_output
from sonoedge.outputs.video import check_kind
from sonoedge.sources.live import live_name
from sonoedge.terminal.termination import EXIT_CODE, INTERRUPTED, termination
from sonoedge.verbs.engine_arguments import add_engine_arguments
from sonoedge.verbs.metrics_arguments import (
    add_metrics_arguments,
    asks_for_metrics,
    check_metrics_arguments,
)
from sonoedge.verbs.run_files import run_files
from sonoedge.verbs.run_live import run_live
from sonoedge.verbs.spacing_argument import add_spacing_argument, given


def run(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code.

    Raises:
        SonoedgeError: an argument, the bundle, the source or an output cannot be used.
            What was analysed until then is written and summed up.
    """
    args = parser().parse_args(argv)
    _check(args)
    with termination():
        end = run_live(args) if args.live else run_files(args)
    return {"interrupted": INTERRUPTED, "terminated": EXIT_CODE}.get(end, 0)


def _check(args: argparse.Namespace) -> None:
    given(args)
    if args.limit is not None and args.limit < 1:
        raise InvalidSettings("--limit must be 1 or more")
    source = args.source if live_name(args.source) is None else None
    for check, option, path in (
        (check_output, "--jsonl", args.jsonl),
        (check_not_input, "--overlay", args.overlay),  # a folder, or a video
    ):
        if path and path != STDOUT:
            check(option, Path(path), source, args.bundle, args.shadow)
    if args.overlay and args.overlay != STDOUT:
        check_kind(Path(args.overlay))
    if args.overlay == STDOUT:
        raise InvalidSettings("--overlay writes pictures; give a folder or a video file")
    if args.jsonl == STDOUT and args.json:
        raise InvalidSettings("--jsonl - and --json both write to standard output; give one")
    if args.live and args.overlay:
        # An encoder beside the engine would age the very results that --live shows.
        raise InvalidSettings(
            "--live draws no overlay; leave --live out to draw one (with --realtime, at its pace)"
        )
    if args.record is not None and not args.live:
        raise InvalidSettings("--record keeps what a live session saw; give --live as well")
    if args.blank_outside_region and args.record is None:
        raise InvalidSettings("--blank-outside-region goes with --record")
    if args.shadow is not None and not args.live:
        raise InvalidSettings("--shadow runs beside a live session; give --live as well")
    if args.shadow_every is not None and args.shadow is None:
        raise InvalidSettings("--shadow-every needs --shadow BUNDLE")
    if args.audit and not args.live:
        raise InvalidSettings("--audit records a live session; give --live as well")
    if args.igtl_out is not None and not args.live:
        raise InvalidSettings("--igtl-out tells of a live session; give --live as well")
    if args.igtl_out is not None and not 1 <= args.igtl_out <= 65535:
        raise InvalidSettings(f"--igtl-out is {args.igtl_out}; it must be between 1 and 65535")
    if args.igtl_overlay and args.igtl_out is None:
        raise InvalidSettings("--igtl-overlay goes with --igtl-out; give it a port")
    if args.bind is not None and args.igtl_out is None:
        raise InvalidSettings("--bind is where --igtl-out listens; give it a port")
    if asks_for_metrics(args) and not args.live:
        raise InvalidSettings("--metrics tells of a live session; give --live as well")
    check_metrics_arguments(args)
    if args.guide_line is not None:
        guide_from(args.guide_line)
        if not args.overlay:
            raise InvalidSettings("--guide-line is drawn by --overlay; give it a file or a folder")
    if args.explain and not args.overlay:
        raise InvalidSettings("--explain is drawn by --overlay; give it a file or a folder")


def parser() -> argparse.ArgumentParser:
    """The verb's arguments."""
    parser = argparse.ArgumentParser(
        prog="sonoedge run",
        description="Analyse the frames of a source. Research use - not for diagnosis.",
    )
    add = parser.add_argument
    add("bundle", metavar="BUNDLE", help="the bundle's folder")
    add(
        "source",
        metavar="SOURCE",
        help="a picture, a folder of pictures, a video, a DICOM or MetaImage file, a camera "
        "(/dev/video0), or a live source: igtl://HOST[:PORT][/DEVICE], "
        "clarius://IP[:PORT]?lib=DIR, pipe:COMMAND",
    )
    add_engine_arguments(parser)
    add(
        "--jsonl",
        metavar="FILE",
        help="write one JSON object per frame (docs/reference/jsonl.md); - is standard output",
    )
    add(
        "--overlay",
        metavar="VIDEO|FOLDER",
        help="draw the results: a PNG per picture into a folder, or a video: NAME.webm (browsers "
        "play it), NAME.mp4 (as well, five times slower), NAME.avi (fastest)",
    )
    add(
        "--guide-line",
        metavar="ACROSS,DOWN,ANGLE",
        help="draw a line into the overlay, as set: it enters so many mm right of the middle of "
        "the picture's upper edge and so many below it, at this angle; it is no needle and no "
        "guidance, and needs a spacing",
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
        help="the source's frames per second, where it does not say or says it wrongly; makes "
        "a folder's pictures the frames of one recording",
    )
    add(
        "--stills",
        action="store_true",
        help="the frames are no stream: no temporal flag, a line per picture; a folder of "
        "pictures is read so unless --fps is given",
    )
    add_spacing_argument(parser)
    add("--limit", type=int, metavar="N", help="stop after this many frames")
    add(
        "--live",
        action="store_true",
        help="through a live session: the newest frame wins, and the engine runs in a process of "
        "its own; shows state, counters, ages and flags",
    )
    add(
        "--record",
        metavar="DIR",
        help="with --live: keep the frames around each flag and fault in this folder, for "
        "sonoedge replay; they may show patients",
    )
    add(
        "--blank-outside-region",
        action="store_true",
        help="with --record: black out what lies outside the tissue region; what has no region "
        "that can be trusted is not recorded",
    )
    add(
        "--shadow",
        metavar="BUNDLE",
        help="with --live: a candidate bundle that is shown some of the frames in a process of its "
        "own; counts where it disagrees, and no result is its",
    )
    add(
        "--shadow-every",
        type=int,
        metavar="N",
        help="show it one of N analysed frames; 10 where it is not given",
    )
    add(
        "--audit",
        metavar="FOLDER",
        help="with --live: record what happens in this audit log (sonoedge audit init)",
    )
    add(
        "--igtl-out",
        type=int,
        metavar="PORT",
        help="with --live: tell state and contours to OpenIGTLink clients that connect to this "
        "port, such as 3D Slicer",
    )
    add(
        "--bind",
        metavar="ADDRESS",
        help="where --igtl-out listens; 127.0.0.1, this machine alone, where it is not given",
    )
    add(
        "--igtl-overlay",
        action="store_true",
        help="with --igtl-out: send each picture as well, with its regions drawn in; it may show a "
        "patient's name",
    )
    add_metrics_arguments(parser)
    add("--realtime", action="store_true", help="replay at the recording's own pace")
    add("--json", action="store_true", help="print the summary as JSON")
    return parser
